#nullable disable
using System;
using System.Threading.Tasks;
using Godot;
using Godot.Collections;
using Array = Godot.Collections.Array;

namespace SocketIO
{
    /// <summary>
    /// One channel of events on a connection: the class <c>SocketIONamespace</c> of the addon, for C#. It comes from
    /// <see cref="SocketIOClient.GetNamespace"/>.
    /// </summary>
    /// <remarks>
    /// A <c>byte[]</c> in the data travels as binary. Listeners share the array that they get: duplicate it before you change
    /// it.
    /// </remarks>
    public sealed class SocketIONamespace
    {
        /// <summary>How a namespace stands.</summary>
        public enum ConnectionState
        {
            /// <summary>It is not joined, and nothing is done about it.</summary>
            Disconnected,
            /// <summary>It is being joined, perhaps again after a lost connection.</summary>
            Connecting,
            /// <summary>It is joined.</summary>
            Connected,
        }

        private readonly GodotObject _namespace;

        private SocketIONamespace(GodotObject joined)
        {
            _namespace = joined;
        }

        internal static SocketIONamespace Wrap(Variant joined)
        {
            var found = joined.AsGodotObject();
            return found == null ? null : new SocketIONamespace(found);
        }

        /// <summary>The object behind it, for Godot's own API.</summary>
        public GodotObject GodotObject => _namespace;

        /// <summary>Emitted when it is joined, with the session id.</summary>
        public event Action<string> Connected
        {
            add => _namespace.Connect(SignalName.Connected, Callable.From(value));
            remove => _namespace.Disconnect(SignalName.Connected, Callable.From(value));
        }

        /// <summary>Emitted when it is no longer joined, with the reason.</summary>
        public event Action<string> Disconnected
        {
            add => _namespace.Connect(SignalName.Disconnected, Callable.From(value));
            remove => _namespace.Disconnect(SignalName.Disconnected, Callable.From(value));
        }

        /// <summary>Emitted when the server refused it or the connection to it failed.</summary>
        public event Action<Dictionary> ConnectError
        {
            add => _namespace.Connect(SignalName.ConnectError, Callable.From(value));
            remove => _namespace.Disconnect(SignalName.ConnectError, Callable.From(value));
        }

        /// <summary>Emitted after each change of the state, before the event that tells why.</summary>
        public event Action<ConnectionState> ConnectionStateChanged
        {
            add => _namespace.Connect(SignalName.ConnectionStateChanged, Callable.From(value));
            remove => _namespace.Disconnect(SignalName.ConnectionStateChanged, Callable.From(value));
        }

        /// <summary>Emitted for every event that arrives, after its listeners, with its name and data.</summary>
        public event Action<string, Array> EventReceived
        {
            add => _namespace.Connect(SignalName.EventReceived, Callable.From(value));
            remove => _namespace.Disconnect(SignalName.EventReceived, Callable.From(value));
        }

        /// <summary>Emitted for every event that is sent, with its name and data.</summary>
        public event Action<string, Array> EventEmitted
        {
            add => _namespace.Connect(SignalName.EventEmitted, Callable.From(value));
            remove => _namespace.Disconnect(SignalName.EventEmitted, Callable.From(value));
        }

        /// <summary>Joins, also again after every reconnection, with this auth.</summary>
        public Error ConnectToNamespace(Dictionary auth = null)
        {
            return _namespace.Call(MethodName.ConnectToNamespace, auth ?? new Dictionary()).As<Error>();
        }

        /// <summary>Leaves; the connection stays open for other namespaces.</summary>
        public void DisconnectFromNamespace() => _namespace.Call(MethodName.DisconnectFromNamespace);

        /// <summary>Sends an event. What is sent before the namespace is joined waits, and goes out in order.</summary>
        public void Emit(string eventName, params Variant[] data)
        {
            _namespace.Call(MethodName.Emit, eventName, new Array(data));
        }

        /// <summary>Sends an event that is dropped unless it can be sent at once.</summary>
        public void EmitVolatile(string eventName, params Variant[] data)
        {
            _namespace.Call(MethodName.EmitVolatile, eventName, new Array(data));
        }

        /// <summary>
        /// Sends an event and calls back exactly once, with the server's answer, or with <c>["timeout"]</c>. See
        /// <see cref="RequestAsync"/> for the same to be awaited.
        /// </summary>
        public void EmitWithAck(string eventName, Array data, Action<Array> callback, double timeout = 5.0)
        {
            _namespace.Call(MethodName.EmitWithAck, eventName, data, Callable.From(callback), timeout);
        }

        /// <summary>
        /// Sends an event and brings the server's answer. It never hangs: a lost connection, <c>Close</c> and the end of the
        /// game end the wait as well. With a time-out of 0 or less it is as long as the connection lasts.
        /// </summary>
        public Task<SocketIOReply> RequestAsync(string eventName, Array data = null, double timeout = 5.0)
        {
            return Answer(_namespace.Call(MethodName.Request, eventName, data ?? new Array(), timeout));
        }

        /// <summary>Brings the next event of this name. With a time-out of 0 or less there is none.</summary>
        public Task<SocketIOReply> WaitForAsync(string eventName, double timeout = 0.0)
        {
            return Answer(_namespace.Call(MethodName.WaitFor, eventName, timeout));
        }

        /// <summary>Calls back for every event of this name, in the order registered.</summary>
        public void On(string eventName, Action<Array> callback)
        {
            _namespace.Call(MethodName.On, eventName, Callable.From(callback));
        }

        /// <summary>
        /// Calls back for every event of this name, with what answers a server that asks:
        /// <c>ack.Call(new Godot.Collections.Array { "yes" })</c>.
        /// </summary>
        public void On(string eventName, Action<Array, Callable> callback)
        {
            _namespace.Call(MethodName.On, eventName, Callable.From(callback));
        }

        /// <summary>Calls back for the next event of this name only.</summary>
        public void Once(string eventName, Action<Array> callback)
        {
            _namespace.Call(MethodName.Once, eventName, Callable.From(callback));
        }

        /// <summary>Calls back for the next event of this name only, with what answers a server that asks.</summary>
        public void Once(string eventName, Action<Array, Callable> callback)
        {
            _namespace.Call(MethodName.Once, eventName, Callable.From(callback));
        }

        /// <summary>Removes one registration of this very callback.</summary>
        public void Off(string eventName, Action<Array> callback)
        {
            _namespace.Call(MethodName.Off, eventName, Callable.From(callback));
        }

        /// <summary>Removes one registration of this very callback.</summary>
        public void Off(string eventName, Action<Array, Callable> callback)
        {
            _namespace.Call(MethodName.Off, eventName, Callable.From(callback));
        }

        /// <summary>Removes every listener of an event, or of all when the name is empty.</summary>
        public void OffAll(string eventName = "") => _namespace.Call(MethodName.OffAll, eventName);

        /// <summary>Whether anybody listens to an event.</summary>
        public bool HasListeners(string eventName) => _namespace.Call(MethodName.HasListeners, eventName).AsBool();

        /// <summary>The callbacks for an event.</summary>
        public Array<Callable> GetListeners(string eventName)
        {
            return _namespace.Call(MethodName.GetListeners, eventName).AsGodotArray<Callable>();
        }

        /// <summary>Whether, of the events of a name that wait for a frame, only the newest is dispatched.</summary>
        public void Coalesce(string eventName, bool enabled = true)
        {
            _namespace.Call(MethodName.Coalesce, eventName, enabled);
        }

        /// <summary>How the namespace stands.</summary>
        public ConnectionState State => _namespace.Call(MethodName.GetConnectionState).As<ConnectionState>();

        /// <summary>Whether it is joined.</summary>
        public bool IsConnected => _namespace.Call(MethodName.IsNamespaceConnected).AsBool();

        /// <summary>The path, such as <c>/chat</c>.</summary>
        public string Path => _namespace.Call(MethodName.GetNamespacePath).AsString();

        /// <summary>The session id, empty when not joined.</summary>
        public string SessionId => _namespace.Call(MethodName.GetSessionId).AsString();

        /// <summary>Whether the last join restored the session.</summary>
        public bool Recovered => _namespace.Get(PropertyName.Recovered).AsBool();

        /// <summary>
        /// What is called for fresh auth at each join: <c>Callable.From(() => new Dictionary { ... })</c>. None by default.
        /// </summary>
        public Callable AuthProvider
        {
            get => _namespace.Get(PropertyName.AuthProvider).AsCallable();
            set => _namespace.Set(PropertyName.AuthProvider, value);
        }

        /// <summary>The seconds to wait for an acknowledgement when <see cref="Retries"/> is set.</summary>
        public double AckTimeout
        {
            get => _namespace.Get(PropertyName.AckTimeout).AsDouble();
            set => _namespace.Set(PropertyName.AckTimeout, value);
        }

        /// <summary>How often an event is sent again until the server has acknowledged it.</summary>
        public long Retries
        {
            get => _namespace.Get(PropertyName.Retries).AsInt64();
            set => _namespace.Set(PropertyName.Retries, value);
        }

        private static async Task<SocketIOReply> Answer(Variant signal)
        {
            var completed = signal.AsSignal();
            // Holds the object until then, which the signal does not.
            var emitter = completed.Owner;
            var arguments = await emitter.ToSignal(emitter, completed.Name);
            return new SocketIOReply(arguments[0].AsGodotObject());
        }

        private static class MethodName
        {
            internal static readonly StringName ConnectToNamespace = "connect_to_namespace";
            internal static readonly StringName DisconnectFromNamespace = "disconnect_from_namespace";
            internal static readonly StringName Emit = "emit";
            internal static readonly StringName EmitVolatile = "emit_volatile";
            internal static readonly StringName EmitWithAck = "emit_with_ack";
            internal static readonly StringName Request = "request";
            internal static readonly StringName WaitFor = "wait_for";
            internal static readonly StringName On = "on";
            internal static readonly StringName Once = "once";
            internal static readonly StringName Off = "off";
            internal static readonly StringName OffAll = "off_all";
            internal static readonly StringName HasListeners = "has_listeners";
            internal static readonly StringName GetListeners = "get_listeners";
            internal static readonly StringName Coalesce = "coalesce";
            internal static readonly StringName GetConnectionState = "get_connection_state";
            internal static readonly StringName IsNamespaceConnected = "is_namespace_connected";
            internal static readonly StringName GetNamespacePath = "get_namespace_path";
            internal static readonly StringName GetSessionId = "get_session_id";
        }

        private static class PropertyName
        {
            internal static readonly StringName Recovered = "recovered";
            internal static readonly StringName AuthProvider = "auth_provider";
            internal static readonly StringName AckTimeout = "ack_timeout";
            internal static readonly StringName Retries = "retries";
        }

        private static class SignalName
        {
            internal static readonly StringName Connected = "connected";
            internal static readonly StringName Disconnected = "disconnected";
            internal static readonly StringName ConnectError = "connect_error";
            internal static readonly StringName ConnectionStateChanged = "connection_state_changed";
            internal static readonly StringName EventReceived = "event_received";
            internal static readonly StringName EventEmitted = "event_emitted";
        }
    }
}
