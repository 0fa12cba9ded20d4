import CLibCrypto
import Clock
import HTTP

/// Signs a `GET` in its query string: AWS Signature Version 4, with `host` as the only signed header.
///
/// libcurl signs headers only, and a password has none.
/// Source: AWS IAM User Guide, "Create a signed AWS API request".
public struct SigV4Presigner: Sendable {
  private let service: String
  private let region: String
  private let credentials: AWSCredentials

  /// - Parameters:
  ///   - service: as in the signature's scope, as `rds-db`.
  ///   - region: as `eu-central-1`.
  ///   - credentials: the keys that sign.
  public init(service: String, region: String, credentials: AWSCredentials) {
    self.service = service
    self.region = region
    self.credentials = credentials
  }

  /// A signed URL.
  ///
  /// - Parameters:
  ///   - host: `HOST:PORT`, as the receiver knows itself.
  ///   - query: the request's own parameters, in this order in the answer; neither is encoded yet.
  ///   - lifetime: in seconds.
  ///   - time: from when the lifetime counts.
  /// - Returns: the URL without its scheme: `HOST:PORT/?…&X-Amz-Signature=…`.
  public func presigned(
    host: String, query: [(name: String, value: String)], lifetime: Int, at time: Timestamp
  ) -> String {
    let moment = time.basicISO8601
    let scope = [String(moment.prefix(8)), region, service, "aws4_request"]
    var parameters =
      query + [
        ("X-Amz-Algorithm", Self.algorithm),
        ("X-Amz-Credential", ([credentials.accessKeyID] + scope).joined(separator: "/")),
        ("X-Amz-Date", moment),
        ("X-Amz-Expires", "\(lifetime)"),
        ("X-Amz-SignedHeaders", "host"),
      ]
    if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }
    let encoded = parameters.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }

    let canonicalRequest = [
      "GET", "/", encoded.sorted().joined(separator: "&"), "host:\(host.lowercased())", "", "host",
      hexadecimal(SHA256.hash([])),
    ].joined(separator: "\n")
    let textToSign = [
      Self.algorithm, moment, scope.joined(separator: "/"),
      hexadecimal(SHA256.hash(Array(canonicalRequest.utf8))),
    ].joined(separator: "\n")

    // The secret key itself signs nothing but the day; each part of the scope narrows the key.
    let key = scope.reduce(Array("AWS4\(credentials.secretAccessKey)".utf8)) { key, part in
      SHA256.authenticationCode(for: Array(part.utf8), key: key)
    }
    let signature = hexadecimal(SHA256.authenticationCode(for: Array(textToSign.utf8), key: key))
    return "\(host)/?\(encoded.joined(separator: "&"))&X-Amz-Signature=\(signature)"
  }

  private static let algorithm = "AWS4-HMAC-SHA256"
}

/// SHA-256 and HMAC-SHA-256 of OpenSSL, which libpq brings along.
private enum SHA256 {
  private static let length = Int(SHA256_DIGEST_LENGTH)

  /// - Returns: 32 bytes.
  static func hash(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { digest, count in
      _ = CLibCrypto.SHA256(bytes, bytes.count, digest.baseAddress)
      count = length
    }
  }

  /// RFC 2104, with SHA-256. - Returns: 32 bytes.
  static func authenticationCode(for bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length) { digest, count in
      var written: UInt32 = 0
      _ = HMAC(
        EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, digest.baseAddress,
        &written)
      count = Int(written)
    }
  }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}

extension Timestamp {
  /// To the second, without separators, as `20261121T083000Z`.
  fileprivate var basicISO8601: String {
    rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
  }
}
