import CLibPQ
import CLibSSL
import Clock
import Glibc

/// TLS as it was agreed on with the server.
public struct TLSSession: Sendable, Equatable {
  /// As `TLSv1.3`.
  public var version: String
  /// By OpenSSL's name, as `TLS_AES_256_GCM_SHA384`.
  public var cipher: String
  /// Nil where the server sent none, or it cannot be read.
  public var certificate: ServerCertificate?

  /// - Parameters: as the properties of the same names.
  public init(version: String, cipher: String, certificate: ServerCertificate?) {
    self.version = version
    self.cipher = cipher
    self.certificate = certificate
  }
}

/// What a server showed of itself. Whether it was verified is `sslmode`'s to say.
public struct ServerCertificate: Sendable, Equatable {
  /// Its common name, or all of its name where it has none.
  public var subject: String
  /// The same of the authority that signed it.
  public var issuer: String
  /// From then on nobody takes it any more.
  public var expiresAt: Timestamp

  /// - Parameters: as the properties of the same names.
  public init(subject: String, issuer: String, expiresAt: Timestamp) {
    self.subject = subject
    self.issuer = issuer
    self.expiresAt = expiresAt
  }
}

extension Connection {
  /// The process that serves this connection, as it was told at the login. A pooler tells a number of its own.
  ///
  /// - Source: libpq's `PQbackendPID`.
  public var backendPID: Int? { handle.map { Int(PQbackendPID($0)) } }

  /// The address that the connection leads to; nil where it is a Unix socket's, or there is none.
  public var serverAddress: String? {
    guard let handle, let address = PQhostaddr(handle), address.pointee != 0 else { return nil }
    return String(cString: address)
  }

  /// Nil where the connection is not encrypted.
  public var tls: TLSSession? {
    guard let handle, PQsslInUse(handle) == 1 else { return nil }
    func attribute(_ name: String) -> String {
      PQsslAttribute(handle, name).map { String(cString: $0) } ?? "unknown"
    }
    return TLSSession(
      version: attribute("protocol"), cipher: attribute("cipher"),
      certificate: PQsslStruct(handle, "OpenSSL").flatMap { certificate(of: OpaquePointer($0)) })
  }

  private func certificate(of session: OpaquePointer) -> ServerCertificate? {
    guard let certificate = SSL_get1_peer_certificate(session) else { return nil }
    defer { X509_free(certificate) }
    var end = tm()
    guard let expiry = X509_get0_notAfter(certificate), ASN1_TIME_to_tm(expiry, &end) == 1,
      let subject = X509_get_subject_name(certificate).flatMap(commonName),
      let issuer = X509_get_issuer_name(certificate).flatMap(commonName)
    else { return nil }
    return ServerCertificate(
      subject: subject, issuer: issuer,
      expiresAt: Timestamp(microsecondsSinceEpoch: 0).advanced(by: .seconds(timegm(&end))))
  }

  private func commonName(_ name: OpaquePointer) -> String? {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> String? in
      let length = X509_NAME_get_text_by_NID(
        name, NID_commonName, buffer.baseAddress, Int32(buffer.count))
      guard length > 0, let start = buffer.baseAddress else { return nil }
      return String(cString: start)
    }
    if let text { return text }
    guard let line = X509_NAME_oneline(name, nil, 0) else { return nil }
    defer { CRYPTO_free(line, #file, #line) }
    return String(cString: line)
  }
}
