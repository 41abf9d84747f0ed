#nullable disable
using Godot;
using Array = Godot.Collections.Array;

namespace SocketIO
{
    /// <summary>
    /// What <see cref="SocketIONamespace.RequestAsync"/> and <see cref="SocketIONamespace.WaitForAsync"/> bring: the class
    /// <c>SocketIOReply</c> of the addon, for C#.
    /// </summary>
    public sealed class SocketIOReply
    {
        internal SocketIOReply(GodotObject reply)
        {
            Error = reply.Get(PropertyName.Error).As<Error>();
            Data = reply.Get(PropertyName.Data).AsGodotArray();
        }

        /// <summary>
        /// <c>Ok</c>, <c>Timeout</c> when no answer came in time, or <c>ConnectionError</c> when the namespace was not
        /// connected, or was refused, left or lost first.
        /// </summary>
        public Error Error { get; }

        /// <summary>
        /// The values of the answer, or the arguments of the event. Where the server refused the namespace, the dictionary of
        /// <see cref="SocketIONamespace.ConnectError"/>. Empty otherwise.
        /// </summary>
        public Array Data { get; }

        /// <summary>Whether there is an answer or an event.</summary>
        public bool IsOk => Error == Error.Ok;

        private static class PropertyName
        {
            internal static readonly StringName Error = "error";
            internal static readonly StringName Data = "data";
        }
    }
}
