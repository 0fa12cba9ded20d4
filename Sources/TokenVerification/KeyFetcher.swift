import Clock
import HTTP

/// Why a user pool's keys could not be had. Quotes no token.
public struct KeyFailure: Error, Sendable, Equatable {
  /// What was wrong.
  public enum Cause: Sendable, Equatable {
    case transport(HTTPError)
    case status(Int)
    /// Whatever answered is no key set.
    case notAKeySet
    /// None of the keys verifies a token.
    case noUsableKey
  }

  /// Who was asked, or which file was read.
  public var place: String
  public var cause: Cause

  /// - Parameter place: fit for an error's text.
  public init(_ place: String, _ cause: Cause) {
    self.place = place
    self.cause = cause
  }

  /// Whether the one who was asked says that there is nothing, or there is nobody to ask.
  var meansThereIsNone: Bool {
    switch cause {
    case .status(let status): [400, 403, 404].contains(status)
    case .transport(let error): error.isAboutTheName
    case .notAKeySet, .noUsableKey: false
    }
  }
}

extension KeyFailure: CustomStringConvertible {
  public var description: String {
    let cause =
      switch cause {
      case .transport(let error) where error.isAboutCertificates:
        "\(error) (AWS_CA_BUNDLE names the file of trusted certificates)"
      case .transport(let error): "\(error)"
      case .status(let status) where meansThereIsNone:
        "the answer is \(status) (check the pool's id; an issuer that was not chosen for the pool has none)"
      case .status(let status): "the answer is \(status) (try again later)"
      case .notAKeySet: "that is not a key set, which is JSON with an array keys"
      case .noUsableKey: "no key in it is one for RS256, of 2,048 bits or more"
      }
    return "the user pool's keys could not be had from \(place): \(cause)"
  }
}

/// Asks for a user pool's keys: one request, without keys of AWS's, and one answer. Not for several threads.
public final class KeyFetcher {
  /// Bounds one request.
  private static let timeout = Duration.seconds(5)

  private let http: HTTPClient

  /// - Parameters:
  ///   - version: this program's, for Cognito's logs.
  ///   - certificates: a file, as `CertificateBundle.file` chooses it.
  /// - Throws: where libcurl cannot be set up.
  public init(version: String, certificates: String?) throws(HTTPSetUpError) {
    http = try HTTPClient(
      userAgent: "pooltable/\(version)", bodyLimit: JSONWebKeySet.lengthLimit,
      connectTimeout: .seconds(3), proxy: .fromEnvironment, certificates: certificates)
  }

  /// - Returns: the keys that verify tokens, at least one.
  public func keys(
    of issuer: PoolIssuer, until deadline: Deadline
  ) throws(KeyFailure) -> JSONWebKeySet {
    let response: HTTPResponse
    do {
      response = try http.perform(
        HTTPRequest(.get, url: issuer.keysURL), until: deadline.capped(at: Self.timeout))
    } catch {
      throw KeyFailure(issuer.keysHost, .transport(error))
    }
    guard response.status == 200 else {
      throw KeyFailure(issuer.keysHost, .status(response.status))
    }
    guard let keys = JSONWebKeySet(response.body) else {
      throw KeyFailure(issuer.keysHost, .notAKeySet)
    }
    guard !keys.usable.isEmpty else { throw KeyFailure(issuer.keysHost, .noUsableKey) }
    return keys
  }
}
