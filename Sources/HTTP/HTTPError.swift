import CLibCurl
import Glibc

/// Why there is no client.
public enum HTTPSetUpError: Error, Sendable, Equatable {
  /// libcurl could not allocate what it needs.
  case outOfMemory
  /// This libcurl signs no requests for AWS, or not all of their headers.
  case cannotSign(CurlVersion)
}

extension HTTPSetUpError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .outOfMemory: "libcurl could not be set up: out of memory"
    case .cannotSign(let version):
      "libcurl \(version) cannot sign requests to AWS: install \(CurlVersion.firstThatSigns) or later"
    }
  }
}

/// Why there is no whole response.
public enum HTTPError: Error, Sendable, Equatable {
  /// libcurl's code and its own text for it, which quotes nothing of the request.
  case transport(code: Int, message: String)
  /// The deadline passed first, or connecting took too long.
  case timedOut
  /// The server does not speak TLS.
  case noTLS
  /// The response's body is larger than the client's limit; its status and headers were read.
  case bodyTooLarge(limit: Int)

  /// - Parameter detail: what libcurl says beside the code.
  init(_ code: CURLcode, detail: UnsafePointer<CChar>? = nil) {
    if code == CURLE_OPERATION_TIMEDOUT {
      self = .timedOut
    } else if code == CURLE_SSL_CONNECT_ERROR, let detail,
      strstr(detail, "wrong version number") != nil
    {
      // OpenSSL's words for an answer that is no TLS; the code is that of a broken handshake, too.
      self = .noTLS
    } else {
      self = .transport(
        code: Int(code.rawValue), message: String(cString: curl_easy_strerror(code)))
    }
  }
}

extension HTTPError {
  /// Whether the same request may succeed a little later, without anybody having changed anything.
  public var isTransient: Bool {
    switch self {
    case .timedOut: true
    case .noTLS, .bodyTooLarge: false
    case .transport(let code, _):
      // Names that do not resolve, connections that are refused or break, handshakes that fail.
      [
        CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
        CURLE_PARTIAL_FILE, CURLE_SSL_CONNECT_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
        CURLE_RECV_ERROR, CURLE_PROXY,
      ].contains { Int($0.rawValue) == code }
    }
  }

  /// Whether the host's name could not be looked up, for good or for now.
  public var isAboutTheName: Bool {
    guard case .transport(let code, _) = self else { return false }
    return code == Int(CURLE_COULDNT_RESOLVE_HOST.rawValue)
  }

  /// Whether the server's certificate was not accepted, or nothing is there to check it against.
  public var isAboutCertificates: Bool {
    guard case .transport(let code, _) = self else { return false }
    return [
      CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_CRL_BADFILE,
    ].contains { Int($0.rawValue) == code }
  }
}

extension HTTPError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .transport(let code, let message): "curl error \(code): \(message)"
    case .timedOut: "curl error \(CURLE_OPERATION_TIMEDOUT.rawValue): timed out"
    case .noTLS: "the server does not speak TLS (is its URL one with http://?)"
    case .bodyTooLarge(let limit): "the response is larger than \(limit) bytes"
    }
  }
}
