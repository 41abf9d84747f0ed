//! The enum `SocketIOClient.ConnectError`.

use socketio_protocol::ConnectErrorCode;

use super::SocketIOClient;
use crate::enumeration::class_enum;

class_enum! {
    /// The step that failed while connecting.
    ConnectError of SocketIOClient as "SocketIOClient" {
        /// None of the others.
        Unknown = ERROR_UNKNOWN 0 "Connecting failed for a reason that is none of the others.",
        /// DNS.
        Dns = ERROR_DNS 1 "The host's name could not be resolved.",
        /// TCP refused.
        Refused = ERROR_REFUSED 2 "The host refused the connection: nothing listens on that port.",
        /// Host or network unreachable.
        Unreachable = ERROR_UNREACHABLE 3 "The host or its network cannot be reached.",
        /// TLS.
        Tls = ERROR_TLS 4 "The TLS handshake failed, or the server's certificate was refused.",
        /// HTTP status.
        HttpStatus = ERROR_HTTP_STATUS 5 "The server answered with an HTTP error.",
        /// Not Engine.IO.
        NotSocketIo = ERROR_NOT_SOCKET_IO 6 "Something answered that is not a Socket.IO server.",
        /// Protocol version.
        UnsupportedVersion = ERROR_UNSUPPORTED_VERSION 7 "The server speaks another version of the protocol.",
        /// CONNECT_ERROR.
        NamespaceRefused = ERROR_NAMESPACE_REFUSED 8 "The server refused the namespace.",
        /// Time-out.
        Timeout = ERROR_TIMEOUT 9 "The connection was not ready in time.",
        /// Protocol error.
        Protocol = ERROR_PROTOCOL 10 "The server broke the protocol while connecting.",
    }
}

impl From<ConnectErrorCode> for ConnectError {
    fn from(code: ConnectErrorCode) -> Self {
        match code {
            ConnectErrorCode::Unknown => Self::Unknown,
            ConnectErrorCode::Dns => Self::Dns,
            ConnectErrorCode::Refused => Self::Refused,
            ConnectErrorCode::Unreachable => Self::Unreachable,
            ConnectErrorCode::Tls => Self::Tls,
            ConnectErrorCode::HttpStatus => Self::HttpStatus,
            ConnectErrorCode::NotSocketIo => Self::NotSocketIo,
            ConnectErrorCode::UnsupportedVersion => Self::UnsupportedVersion,
            ConnectErrorCode::NamespaceRefused => Self::NamespaceRefused,
            ConnectErrorCode::Timeout => Self::Timeout,
            ConnectErrorCode::Protocol => Self::Protocol,
        }
    }
}
