/// Where Cognito's API is.
public enum CognitoEndpoint: Sendable, Equatable {
  /// AWS's own, in the user pool's region.
  case regional
  /// One for every region: a test's, an interface endpoint's.
  case url(String)

  /// Reads the variables that AWS's SDKs read.
  ///
  /// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
  public init(environment: [String: String]) throws(CognitoSettingError) {
    let names = ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL"]
    guard environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() != "true",
      let name = names.first(where: { environment[$0]?.isEmpty == false }),
      let url = environment[name]
    else {
      self = .regional
      return
    }
    guard ["http://", "https://"].contains(where: { url.hasPrefix($0) && url != $0 }),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw CognitoSettingError(variable: name, problem: "must be an http or https URL")
    }
    self = .url(url)
  }

  /// The URL of every call to a pool in `region`.
  func url(region: String) -> String {
    switch self {
    // A URL's path is never empty, and what is signed must be what is sent.
    case .url(let url): url.hasSuffix("/") ? url : "\(url)/"
    case .regional:
      "https://cognito-idp.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/"
    }
  }
}

/// A setting in the environment that cannot be used.
public struct CognitoSettingError: Error, Sendable, Equatable, CustomStringConvertible {
  public let variable: String
  public let problem: String

  public var description: String { "\(variable) \(problem)" }
}
