// What the NuGet package SocketIOClient has in the way of the wrapper: a namespace of that name with the class SocketIO in it,
// written by hand, so that the wrapper can be compiled beside it where the package cannot be had. Nothing here runs.
namespace SocketIOClient
{
    public class SocketIO
    {
        public SocketIO(string uri) { throw null; }
    }
}
