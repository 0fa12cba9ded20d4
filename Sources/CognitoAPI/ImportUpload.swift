import Clock
import HTTP

/// Sends files of users to where Cognito fetches them from.
public final class ImportUpload {
  /// For a file of 100 MB over 2 Mbit/s, less than the URL is valid.
  private static let timeout = Duration.seconds(600)

  private let http: HTTPClient
  private let headers = HTTPHeaderList([
    "x-amz-server-side-encryption: aws:kms",
    // A URL may be signed without one, and is then refused with one.
    "Content-Type:",
  ])

  /// - Parameters:
  ///   - version: this program's.
  ///   - certificates: a file, as `CertificateBundle.file` chooses it.
  public init(version: String, certificates: String?) throws(HTTPSetUpError) {
    http = try HTTPClient(
      userAgent: "pooltable/\(version)", bodyLimit: 1 << 20, connectTimeout: .seconds(10),
      proxy: .fromEnvironment, certificates: certificates)
  }

  /// Sends a file, once.
  ///
  /// - Parameter url: the job's; what is sent holds hashes, so that it must be https, or this machine's own.
  public func send(_ file: [UInt8], to url: String) throws(ImportUploadError) {
    guard url.hasPrefix("https://") || PlainHTTPHost(of: url)?.isLoopback == true else {
      throw .notEncrypted
    }
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try http.perform(
        HTTPRequest(.put(file), url: url, headers: headers), until: .after(Self.timeout))
    } catch {
      throw .transport(error)
    }
    guard (200...299).contains(response.status) else { throw .refused(status: response.status) }
  }
}

/// Why a file was not taken.
public enum ImportUploadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The URL is no https URL.
  case notEncrypted
  case transport(HTTPError)
  /// By whoever keeps the file.
  case refused(status: Int)

  /// Whether the same may succeed a little later.
  public var isTransient: Bool {
    switch self {
    case .notEncrypted: false
    case .transport(let error): error.isTransient
    case .refused(let status): status >= 500
    }
  }

  /// What is wrong, and what can be done; without the URL.
  public var description: String {
    switch self {
    case .notEncrypted:
      "the URL to send the file to is not encrypted: nothing was sent (check AWS_ENDPOINT_URL)"
    case .transport(let error):
      "the file could not be sent to Amazon S3: \(error) (does the network lead there?)"
    case .refused(let status):
      "Amazon S3 refused the file with status \(status) (the URL is valid for 15 minutes: run it again)"
    }
  }
}
