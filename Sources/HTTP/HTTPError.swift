import CLibCurl

/// Why there is no whole response.
public enum HTTPError: Error, Sendable, Equatable {
  /// libcurl's code and its own text for it, which quotes nothing of the request.
  case transport(code: Int, message: String)
  case timedOut
  /// The response's body is larger than the client's limit; its status and headers were read.
  case bodyTooLarge(limit: Int)

  init(_ code: CURLcode) {
    if code == CURLE_OPERATION_TIMEDOUT {
      self = .timedOut
    } else {
      self = .transport(
        code: Int(code.rawValue), message: String(cString: curl_easy_strerror(code)))
    }
  }
}

extension HTTPError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .transport(let code, let message): "curl error \(code): \(message)"
    case .timedOut: "curl error \(CURLE_OPERATION_TIMEDOUT.rawValue): timed out"
    case .bodyTooLarge(let limit): "the response is larger than \(limit) bytes"
    }
  }
}
