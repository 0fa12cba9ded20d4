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
  /// Nil sends the request unsigned.
  public var signature: AWSSignature?

  public init(
    _ method: Method, url: String, headers: HTTPHeaderList? = nil, signature: AWSSignature? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.signature = signature
  }
}

/// A whole response.
public struct HTTPResponse: Sendable {
  public var status: Int
  public var headers: HTTPHeaders
  public var body: [UInt8]
}

/// Response headers; names are compared without regard to case.
///
/// Kept as the bytes they came as: most are never looked at.
public struct HTTPHeaders: Sendable {
  private var bytes: [UInt8] = []
  private var fields: [(name: Range<Int>, value: Range<Int>)] = []

  public init() {}

  public mutating func append(name: some Sequence<UInt8>, value: some Sequence<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: name)
    let end = bytes.count
    bytes.append(contentsOf: value)
    fields.append((start..<end, end..<bytes.count))
  }

  /// The first value of `name`, which must be given in lower case.
  public subscript(lowercased name: String) -> String? {
    let length = name.utf8.count
    let field = fields.first { field in
      field.name.count == length && bytes[field.name].elementsEqual(name.utf8, by: isSameLetter)
    }
    return field.map { String(decoding: bytes[$0.value], as: UTF8.self) }
  }
}

/// - Parameter lowercased: a letter in lower case, or any other character.
private func isSameLetter(_ byte: UInt8, _ lowercased: UInt8) -> Bool {
  let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  return (isUpper ? byte | 0x20 : byte) == lowercased
}
