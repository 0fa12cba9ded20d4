/// A request, as `HTTPClient` sends it.
public struct HTTPRequest {
  public enum Method: Sendable {
    case get
    case post([UInt8])
  }

  public var method: Method
  public var url: String
  /// Beside those that libcurl adds itself.
  public var headers: HTTPHeaderList?

  public init(_ method: Method, url: String, headers: HTTPHeaderList? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
  }
}

/// A whole response.
public struct HTTPResponse: Sendable {
  public var status: Int
  public var headers: HTTPHeaders
  public var body: [UInt8]
}

/// Response headers; names are compared without regard to case.
public struct HTTPHeaders: Sendable {
  private var fields: [(name: String, value: String)] = []

  public init() {}

  public mutating func append(name: String, value: String) {
    fields.append((name.lowercased(), value))
  }

  /// The first value of `name`, which must be given in lower case.
  public subscript(lowercased name: String) -> String? {
    fields.first { $0.name == name }?.value
  }
}
