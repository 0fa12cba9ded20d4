/// Where Cognito's API is.
public enum CognitoEndpoint: Sendable, Equatable {
  /// AWS's own, in the user pool's region.
  ///
  /// - Parameters:
  ///   - fips: whether its cryptography must be validated by FIPS 140.
  ///   - dualStack: whether it must speak IPv6 as well.
  case aws(fips: Bool, dualStack: Bool)
  /// One for every region: a test's, an interface endpoint's.
  case url(String)

  /// AWS's own, without further wishes.
  public static let regional = CognitoEndpoint.aws(fips: false, dualStack: false)

  private static let service = "cognito-idp"
  private static let fipsService = "cognito-idp-fips"

  /// Reads the variables that AWS's SDKs read.
  ///
  /// - Throws: also where a URL and one of AWS's own hosts are asked for at once, as the endpoint rule set
  ///   of Cognito does. (The AWS command line takes the URL, which may then be no FIPS endpoint.)
  ///
  /// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints", "Dual-stack and FIPS
  /// endpoints".
  public init(environment: [String: String]) throws(CognitoSettingError) {
    let (fips, dualStack) = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
    let usesFIPS = try Self.isTrue(fips, in: environment)
    let usesDualStack = try Self.isTrue(dualStack, in: environment)
    guard let (name, url) = try Self.configuredURL(in: environment) else {
      self = .aws(fips: usesFIPS, dualStack: usesDualStack)
      return
    }
    if usesFIPS || usesDualStack {
      throw CognitoSettingError(
        variable: usesFIPS ? fips : dualStack,
        problem: "cannot be true where \(name) is set: it chooses among AWS's own hosts (with "
          + "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true the URL does not count)")
    }
    guard ["http://", "https://"].contains(where: { url.hasPrefix($0) && url != $0 }),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw CognitoSettingError(variable: name, problem: "must be an http or https URL")
    }
    self = .url(url)
  }

  private static func configuredURL(
    in environment: [String: String]
  ) throws(CognitoSettingError) -> (name: String, url: String)? {
    if try isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", in: environment) { return nil }
    for name in ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL"] {
      if let url = environment[name], !url.isEmpty { return (name, url) }
    }
    return nil
  }

  /// Not set is false.
  private static func isTrue(
    _ name: String, in environment: [String: String]
  ) throws(CognitoSettingError) -> Bool {
    switch environment[name]?.lowercased() {
    case nil, "", "false": return false
    case "true": return true
    default: throw CognitoSettingError(variable: name, problem: "must be true or false")
    }
  }

  /// The URL of every call to a pool in `region`.
  ///
  /// Source: the endpoint rule set of `cognito-idp`, as botocore has it.
  func url(region: String) -> String {
    switch self {
    // A URL's path is never empty, and what is signed must be what is sent.
    case .url(let url): url.hasSuffix("/") ? url : "\(url)/"
    case .aws(let fips, let dualStack):
      "https://\(fips ? Self.fipsService : Self.service).\(region)."
        + "\(Self.suffix(region: region, fips: fips, dualStack: dualStack))/"
    }
  }

  private static func suffix(region: String, fips: Bool, dualStack: Bool) -> String {
    let partition = Partition(region: region)
    guard dualStack else { return partition.dnsSuffix }
    // These hosts of the public partition got IPv6 under the name that they had.
    let hasOldName =
      fips
      ? ["us-east-1", "us-east-2", "us-west-1", "us-west-2"].contains(region) : partition == .aws
    return hasOldName ? partition.dnsSuffix : partition.dualStackDNSSuffix
  }

  /// For which region calls to a pool in `region` are signed: the endpoint's own, where its host names one
  /// as AWS's hosts and interface endpoints do, as `vpce-1-a.cognito-idp.us-west-2.vpce.amazonaws.com`.
  func signingRegion(poolRegion region: String) -> String {
    guard case .url(let url) = self else { return region }
    let authority = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
    let host = authority?.split(separator: "@").last?.split(separator: ":").first ?? ""
    let labels = host.split(separator: ".")
    return zip(labels, labels.dropFirst())
      .first { [Self.service, Self.fipsService].contains(String($0)) && Partition.isRegion($1) }
      .map { String($1) } ?? region
  }

  /// Whether there is a host to ask for pools in `region`: an emulator's `local` is no region of AWS's.
  func hasHost(poolRegion region: String) -> Bool {
    switch self {
    case .url: true
    case .aws: Partition.isRegion(region)
    }
  }
}

/// A setting in the environment that cannot be used.
public struct CognitoSettingError: Error, Sendable, Equatable, CustomStringConvertible {
  public let variable: String
  public let problem: String

  public var description: String { "\(variable) \(problem)" }
}
