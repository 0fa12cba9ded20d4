import CLibCurl

/// Signs a request's headers, as `CURLOPT_AWS_SIGV4` does.
///
/// Deliberately not `CustomStringConvertible`: it holds the password.
public struct HTTPSignature: Sendable, Equatable {
  /// The option's own value: `PROVIDER1:PROVIDER2:REGION:SERVICE`.
  public var scope: String
  /// Whose signature it is; may contain colons.
  public var user: String
  /// Signs, and is not sent.
  public var password: String

  /// The values for libcurl, as they are; none may hold a NUL character.
  public init(scope: String, user: String, password: String) {
    self.scope = scope
    self.user = user
    self.password = password
  }
}

/// A request, as `HTTPClient` sends it.
public struct HTTPRequest {
  /// What is asked for.
  public enum Method: Sendable {
    /// Without a body.
    case get
    /// With this body, which may be empty.
    case post([UInt8])
    /// The same. libcurl adds a content type of its own, which the header `Content-Type:` keeps away.
    case put([UInt8])
  }

  /// Also the body.
  public var method: Method
  /// Absolute, and encoded already.
  public var url: String
  /// Beside those that libcurl adds itself.
  public var headers: HTTPHeaderList?
  /// Nil sends the request unsigned.
  public var signature: HTTPSignature?

  /// - Parameters:
  ///   - url: absolute, and encoded already.
  ///   - headers: beside those that libcurl adds itself.
  ///   - signature: nil sends the request unsigned.
  public init(
    _ method: Method, url: String, headers: HTTPHeaderList? = nil, signature: HTTPSignature? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.signature = signature
  }
}

/// A whole response.
public struct HTTPResponse: Sendable {
  /// The final one, as 200.
  public var status: Int
  /// Those of the response itself, not of an interim one.
  public var headers: HTTPHeaders
  /// Decoded from its chunks; empty where there is none.
  public var body: [UInt8]
}

/// Response headers; names are compared without regard to case.
///
/// Kept as the lines they came as: most are never looked at.
public struct HTTPHeaders: Sendable {
  private var bytes: [UInt8] = []
  private var lines: [Range<Int>] = []

  /// None.
  public init() {}

  /// - Parameter line: `name: value`; another is no header.
  mutating func append(line: UnsafeRawBufferPointer) {
    if lines.isEmpty {
      bytes.reserveCapacity(1024)
      lines.reserveCapacity(16)
    }
    let start = bytes.count
    bytes.append(contentsOf: line)
    lines.append(start..<bytes.count)
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }

  /// The first value of `name`, which must be given in lower case; without the blanks around it.
  public subscript(lowercased name: String) -> String? {
    var name = name
    return name.withUTF8 { name in
      bytes.withUnsafeBufferPointer { bytes in
        for line in lines {
          let line = UnsafeBufferPointer(rebasing: bytes[line])
          guard line.count > name.count, line[name.count] == UInt8(ascii: ":"),
            zip(line, name).allSatisfy(isSameLetter)
          else { continue }
          return String(decoding: trimmed(line[(name.count + 1)...]), as: UTF8.self)
        }
        return nil
      }
    }
  }
}

/// - Parameter lowercased: a letter in lower case, or any other character.
private func isSameLetter(_ byte: UInt8, _ lowercased: UInt8) -> Bool {
  let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  return (isUpper ? byte | 0x20 : byte) == lowercased
}

private func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> some Collection<UInt8> {
  func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  guard let first = bytes.firstIndex(where: { !isBlank($0) }),
    let last = bytes.lastIndex(where: { !isBlank($0) })
  else { return bytes[bytes.startIndex..<bytes.startIndex] }
  return bytes[first...last]
}

/// Request headers as libcurl takes them, built once and sent with many requests.
public final class HTTPHeaderList {
  private(set) var list: UnsafeMutablePointer<curl_slist>?

  /// - Parameter lines: `Name: value`; `Name:` alone keeps libcurl from sending that header.
  public init(_ lines: [String]) {
    for line in lines {
      // On failure (out of memory) the list so far stays valid.
      list = curl_slist_append(list, line) ?? list
    }
  }

  /// A copy of `other`, which may be none, and one more line.
  public init(_ other: HTTPHeaderList?, adding line: String) {
    var next = other?.list
    while let node = next {
      list = curl_slist_append(list, node.pointee.data) ?? list
      next = node.pointee.next
    }
    list = curl_slist_append(list, line) ?? list
  }

  deinit { curl_slist_free_all(list) }
}

/// Percent-encodes everything but letters, digits and `-._~`, by bytes of UTF-8 (RFC 3986, section 2.3).
public func percentEncoded(_ text: String) -> String {
  // Most texts are ids that need none of it.
  guard !text.utf8.allSatisfy(isUnreserved) else { return text }
  var encoded = ""
  encoded.reserveCapacity(text.utf8.count)
  for byte in text.utf8 {
    if isUnreserved(byte) {
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      let digits = String(byte, radix: 16, uppercase: true)
      encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
    }
  }
  return encoded
}

private func isUnreserved(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
    UInt8(ascii: "_"), UInt8(ascii: "~"):
    true
  default: false
  }
}
