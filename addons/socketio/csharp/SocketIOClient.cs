#nullable disable
using System;
using Godot;
using Godot.Collections;

namespace SocketIO
{
    /// <summary>
    /// A connection to a Socket.IO server: the class <c>SocketIOClient</c> of the addon, for C#.
    /// </summary>
    /// <remarks>
    /// Call it from the main thread only. Everything arrives there as well, once a frame. The reference of the class is in
    /// the editor: F1, then <c>SocketIOClient</c>.
    /// </remarks>
    public sealed class SocketIOClient
    {
        /// <summary>How a client stands.</summary>
        public enum ConnectionState
        {
            /// <summary>It is not connected, and does nothing about it.</summary>
            Disconnected,
            /// <summary>It connects, waits to do so again, or is paused.</summary>
            Connecting,
            /// <summary>It is connected.</summary>
            Connected,
        }

        /// <summary>The <c>code</c> of <see cref="ConnectError"/>.</summary>
        public enum ConnectErrorCode
        {
            Unknown,
            Dns,
            Refused,
            Unreachable,
            Tls,
            HttpStatus,
            NotSocketIO,
            UnsupportedVersion,
            NamespaceRefused,
            Timeout,
            Protocol,
        }

        private readonly GodotObject _client;

        /// <summary>Wraps a client that GDScript has made, or the one of a <c>SocketIONode</c>.</summary>
        public SocketIOClient(GodotObject client)
        {
            _client = client ?? throw new ArgumentNullException(nameof(client));
        }

        /// <summary>
        /// Makes a client that is independent of the shared one. Call <see cref="Close"/> when it has done its work: the
        /// garbage collector lets go of it at a time of its own.
        /// </summary>
        public SocketIOClient() : this(Instantiate())
        {
        }

        /// <summary>The client that all of the game shares.</summary>
        public static SocketIOClient Singleton
        {
            get
            {
                // GodotSharp calls static methods of an extension's class only on an object.
                using (GodotObject any = Instantiate())
                {
                    return new SocketIOClient(any.Call(MethodName.GetSingleton).AsGodotObject());
                }
            }
        }

        /// <summary>The object behind it, for Godot's own API.</summary>
        public GodotObject GodotObject => _client;

        /// <summary>Emitted when the main namespace is joined, with its session id.</summary>
        public event Action<string> Connected
        {
            add => _client.Connect(SignalName.Connected, Callable.From(value));
            remove => _client.Disconnect(SignalName.Connected, Callable.From(value));
        }

        /// <summary>Emitted when the main namespace is no longer joined, with the reason.</summary>
        public event Action<string> Disconnected
        {
            add => _client.Connect(SignalName.Disconnected, Callable.From(value));
            remove => _client.Disconnect(SignalName.Disconnected, Callable.From(value));
        }

        /// <summary>
        /// Emitted when an attempt to connect failed or the server refused a namespace, with at least <c>message</c> and
        /// <c>code</c>, one of <see cref="ConnectErrorCode"/>.
        /// </summary>
        public event Action<Dictionary> ConnectError
        {
            add => _client.Connect(SignalName.ConnectError, Callable.From(value));
            remove => _client.Disconnect(SignalName.ConnectError, Callable.From(value));
        }

        /// <summary>Emitted when a namespace is joined, with its path.</summary>
        public event Action<string> NamespaceConnected
        {
            add => _client.Connect(SignalName.NamespaceConnected, Callable.From(value));
            remove => _client.Disconnect(SignalName.NamespaceConnected, Callable.From(value));
        }

        /// <summary>Emitted when a namespace is no longer joined, with its path.</summary>
        public event Action<string> NamespaceDisconnected
        {
            add => _client.Connect(SignalName.NamespaceDisconnected, Callable.From(value));
            remove => _client.Disconnect(SignalName.NamespaceDisconnected, Callable.From(value));
        }

        /// <summary>Emitted when an attempt to connect again begins, with its number and the seconds waited.</summary>
        public event Action<long, double> ReconnectAttempt
        {
            add => _client.Connect(SignalName.ReconnectAttempt, Callable.From(value));
            remove => _client.Disconnect(SignalName.ReconnectAttempt, Callable.From(value));
        }

        /// <summary>Emitted when an attempt to connect again has succeeded, with its number.</summary>
        public event Action<long> Reconnected
        {
            add => _client.Connect(SignalName.Reconnected, Callable.From(value));
            remove => _client.Disconnect(SignalName.Reconnected, Callable.From(value));
        }

        /// <summary>Emitted when the last attempt to connect again has failed.</summary>
        public event Action ReconnectFailed
        {
            add => _client.Connect(SignalName.ReconnectFailed, Callable.From(value));
            remove => _client.Disconnect(SignalName.ReconnectFailed, Callable.From(value));
        }

        /// <summary>Emitted after each change of the state, before the event that tells why: all that a banner needs.</summary>
        public event Action<ConnectionState> ConnectionStateChanged
        {
            add => _client.Connect(SignalName.ConnectionStateChanged, Callable.From(value));
            remove => _client.Disconnect(SignalName.ConnectionStateChanged, Callable.From(value));
        }

        /// <summary>Starts to connect and returns at once. The auth is for the main namespace.</summary>
        public Error ConnectToUrl(string url, Dictionary auth = null, TlsOptions tlsOptions = null)
        {
            return _client.Call(MethodName.ConnectToUrl, url, auth ?? new Dictionary(), tlsOptions).As<Error>();
        }

        /// <summary>Leaves every namespace and closes; what was emitted before is still sent.</summary>
        public void Close() => _client.Call(MethodName.Close);

        /// <summary>Dispatches what has arrived; done by itself once a frame while <see cref="AutoPoll"/> is on.</summary>
        public void Poll() => _client.Call(MethodName.Poll);

        /// <summary>Tries at once to connect again, while waiting for it.</summary>
        public void ReconnectNow() => _client.Call(MethodName.ReconnectNow);

        /// <summary>Drops the connection so that the server can restore the session, for an app in the background.</summary>
        public void PauseConnection() => _client.Call(MethodName.PauseConnection);

        /// <summary>Connects again after <see cref="PauseConnection"/>.</summary>
        public void ResumeConnection() => _client.Call(MethodName.ResumeConnection);

        /// <summary>Returns the namespace of this path, which is made by the first call; null for a wrong path.</summary>
        public SocketIONamespace CreateNamespace(string path)
        {
            return SocketIONamespace.Wrap(_client.Call(MethodName.CreateNamespace, path));
        }

        /// <summary>Returns the namespace of this path, null if there is none. The main one is always there.</summary>
        public SocketIONamespace GetNamespace(string path = "/")
        {
            return SocketIONamespace.Wrap(_client.Call(MethodName.GetNamespace, path));
        }

        /// <summary>Whether there is a namespace of this path.</summary>
        public bool HasNamespace(string path) => _client.Call(MethodName.HasNamespace, path).AsBool();

        /// <summary>Whether the transport is open and the handshake done.</summary>
        public bool IsSocketConnected => _client.Call(MethodName.IsSocketConnected).AsBool();

        /// <summary>How the client stands.</summary>
        public ConnectionState State => _client.Call(MethodName.GetConnectionState).As<ConnectionState>();

        /// <summary>The URL as it was given.</summary>
        public string ConnectionUrl => _client.Call(MethodName.GetConnectionUrl).AsString();

        /// <summary>The Engine.IO session id, empty when not connected.</summary>
        public string EngineIOSessionId => _client.Call(MethodName.GetEngineIOSessionId).AsString();

        /// <summary><c>websocket</c>, <c>polling</c>, or empty when not connected.</summary>
        public string TransportName => _client.Call(MethodName.GetTransportName).AsString();

        /// <summary>The last measured round trip in seconds, -1 when unknown.</summary>
        public double Latency => _client.Call(MethodName.GetLatency).AsDouble();

        /// <summary>Counters since the client was made.</summary>
        public Dictionary Statistics => _client.Call(MethodName.GetStatistics).AsGodotDictionary();

        /// <summary>Whether the client dispatches by itself once a frame.</summary>
        public bool AutoPoll
        {
            get => _client.Get(PropertyName.AutoPoll).AsBool();
            set => _client.Set(PropertyName.AutoPoll, value);
        }

        /// <summary>The path of the endpoint on the server.</summary>
        public string Path
        {
            get => _client.Get(PropertyName.Path).AsString();
            set => _client.Set(PropertyName.Path, value);
        }

        /// <summary>Names and values that are added to the query of the URL.</summary>
        public Dictionary Query
        {
            get => _client.Get(PropertyName.Query).AsGodotDictionary();
            set => _client.Set(PropertyName.Query, value);
        }

        /// <summary>HTTP headers that are sent with each attempt to connect.</summary>
        public Dictionary ExtraHeaders
        {
            get => _client.Get(PropertyName.ExtraHeaders).AsGodotDictionary();
            set => _client.Set(PropertyName.ExtraHeaders, value);
        }

        /// <summary>Whether a lost connection is made again by itself.</summary>
        public bool Reconnection
        {
            get => _client.Get(PropertyName.Reconnection).AsBool();
            set => _client.Set(PropertyName.Reconnection, value);
        }

        /// <summary>How often to try again; with 0, there is no limit.</summary>
        public long ReconnectionAttempts
        {
            get => _client.Get(PropertyName.ReconnectionAttempts).AsInt64();
            set => _client.Set(PropertyName.ReconnectionAttempts, value);
        }

        /// <summary>The seconds before the first attempt to connect again.</summary>
        public double ReconnectionDelay
        {
            get => _client.Get(PropertyName.ReconnectionDelay).AsDouble();
            set => _client.Set(PropertyName.ReconnectionDelay, value);
        }

        /// <summary>The seconds that this grows to.</summary>
        public double ReconnectionDelayMax
        {
            get => _client.Get(PropertyName.ReconnectionDelayMax).AsDouble();
            set => _client.Set(PropertyName.ReconnectionDelayMax, value);
        }

        /// <summary>By how much it is randomized, from 0 to 1.</summary>
        public double RandomizationFactor
        {
            get => _client.Get(PropertyName.RandomizationFactor).AsDouble();
            set => _client.Set(PropertyName.RandomizationFactor, value);
        }

        /// <summary>The seconds that an attempt to connect may take.</summary>
        public double ConnectTimeout
        {
            get => _client.Get(PropertyName.ConnectTimeout).AsDouble();
            set => _client.Set(PropertyName.ConnectTimeout, value);
        }

        /// <summary>Whether connecting joins the main namespace.</summary>
        public bool ConnectMainNamespace
        {
            get => _client.Get(PropertyName.ConnectMainNamespace).AsBool();
            set => _client.Set(PropertyName.ConnectMainNamespace, value);
        }

        /// <summary>The largest message that is taken, in bytes.</summary>
        public long MaxPayloadSize
        {
            get => _client.Get(PropertyName.MaxPayloadSize).AsInt64();
            set => _client.Set(PropertyName.MaxPayloadSize, value);
        }

        /// <summary>The most attachments of one event.</summary>
        public long MaxAttachments
        {
            get => _client.Get(PropertyName.MaxAttachments).AsInt64();
            set => _client.Set(PropertyName.MaxAttachments, value);
        }

        /// <summary>How many bytes may wait in either direction.</summary>
        public long MaxBufferedSize
        {
            get => _client.Get(PropertyName.MaxBufferedSize).AsInt64();
            set => _client.Set(PropertyName.MaxBufferedSize, value);
        }

        /// <summary>The microseconds that the dispatch of a frame may take; with 0, there is no limit.</summary>
        public long PollBudgetUsec
        {
            get => _client.Get(PropertyName.PollBudgetUsec).AsInt64();
            set => _client.Set(PropertyName.PollBudgetUsec, value);
        }

        private static GodotObject Instantiate() => ClassDB.Instantiate(ClassName).AsGodotObject();

        private static readonly StringName ClassName = "SocketIOClient";

        private static class MethodName
        {
            internal static readonly StringName GetSingleton = "get_singleton";
            internal static readonly StringName ConnectToUrl = "connect_to_url";
            internal static readonly StringName Close = "close";
            internal static readonly StringName Poll = "poll";
            internal static readonly StringName ReconnectNow = "reconnect_now";
            internal static readonly StringName PauseConnection = "pause_connection";
            internal static readonly StringName ResumeConnection = "resume_connection";
            internal static readonly StringName CreateNamespace = "create_namespace";
            internal static readonly StringName GetNamespace = "get_namespace";
            internal static readonly StringName HasNamespace = "has_namespace";
            internal static readonly StringName IsSocketConnected = "is_socket_connected";
            internal static readonly StringName GetConnectionState = "get_connection_state";
            internal static readonly StringName GetConnectionUrl = "get_connection_url";
            internal static readonly StringName GetEngineIOSessionId = "get_engine_io_session_id";
            internal static readonly StringName GetTransportName = "get_transport_name";
            internal static readonly StringName GetLatency = "get_latency";
            internal static readonly StringName GetStatistics = "get_statistics";
        }

        private static class PropertyName
        {
            internal static readonly StringName AutoPoll = "auto_poll";
            internal static readonly StringName Path = "path";
            internal static readonly StringName Query = "query";
            internal static readonly StringName ExtraHeaders = "extra_headers";
            internal static readonly StringName Reconnection = "reconnection";
            internal static readonly StringName ReconnectionAttempts = "reconnection_attempts";
            internal static readonly StringName ReconnectionDelay = "reconnection_delay";
            internal static readonly StringName ReconnectionDelayMax = "reconnection_delay_max";
            internal static readonly StringName RandomizationFactor = "randomization_factor";
            internal static readonly StringName ConnectTimeout = "connect_timeout";
            internal static readonly StringName ConnectMainNamespace = "connect_main_namespace";
            internal static readonly StringName MaxPayloadSize = "max_payload_size";
            internal static readonly StringName MaxAttachments = "max_attachments";
            internal static readonly StringName MaxBufferedSize = "max_buffered_size";
            internal static readonly StringName PollBudgetUsec = "poll_budget_usec";
        }

        private static class SignalName
        {
            internal static readonly StringName Connected = "connected";
            internal static readonly StringName Disconnected = "disconnected";
            internal static readonly StringName ConnectError = "connect_error";
            internal static readonly StringName NamespaceConnected = "namespace_connected";
            internal static readonly StringName NamespaceDisconnected = "namespace_disconnected";
            internal static readonly StringName ReconnectAttempt = "reconnect_attempt";
            internal static readonly StringName Reconnected = "reconnected";
            internal static readonly StringName ReconnectFailed = "reconnect_failed";
            internal static readonly StringName ConnectionStateChanged = "connection_state_changed";
        }
    }
}
