import HTTP
import Settings

/// Where the API of a service is.
public enum ServiceEndpoint: Sendable, Equatable {
  /// AWS's own, in the region of what is asked about.
  ///
  /// - Parameters:
  ///   - fips: whether its cryptography must be validated by FIPS 140.
  ///   - dualStack: whether it must speak IPv6 as well.
  case aws(fips: Bool, dualStack: Bool)
  /// One for every region: a test's, an interface endpoint's.
  case url(String)

  /// AWS's own, without further wishes.
  public static let regional = ServiceEndpoint.aws(fips: false, dualStack: false)

  /// Reads the variables that AWS's SDKs read.
  ///
  /// - Throws: also where a URL and one of AWS's own hosts are asked for at once, as the endpoint rule sets of
  ///   AWS's services do. (The AWS command line takes the URL, which may then be no FIPS endpoint.)
  ///
  /// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints", "Dual-stack and FIPS
  /// endpoints".
  public init(
    of service: AWSService, environment: Environment
  ) throws(SettingError) {
    let (fips, dualStack) = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
    let usesFIPS = try environment.isTrue(fips)
    let usesDualStack = try environment.isTrue(dualStack)
    guard let (name, url) = try Self.configuredURL(of: service, in: environment) else {
      self = .aws(fips: usesFIPS, dualStack: usesDualStack)
      return
    }
    if usesFIPS || usesDualStack {
      throw SettingError(
        usesFIPS ? fips : dualStack,
        "cannot be true where \(name) is set: it chooses among AWS's own hosts (with "
          + "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true the URL does not count)")
    }
    guard ["http://", "https://"].contains(where: { url.hasPrefix($0) && url != $0 }),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw SettingError(name, "must be an http or https URL")
    }
    self = .url(url)
  }

  private static func configuredURL(
    of service: AWSService, in environment: Environment
  ) throws(SettingError) -> (name: String, url: String)? {
    if try environment.isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") { return nil }
    for name in ["AWS_ENDPOINT_URL_\(service.variableSuffix)", "AWS_ENDPOINT_URL"] {
      if let url = environment[name] { return (name, url) }
    }
    return nil
  }

  /// The URL of every call to `service` in `region`.
  ///
  /// Source: the endpoint rule sets of AWS's services, as botocore has them.
  public func url(of service: AWSService, region: String) -> String {
    switch self {
    // A URL's path is never empty, and what is signed must be what is sent.
    case .url(let url): url.hasSuffix("/") ? url : "\(url)/"
    case .aws(let fips, let dualStack):
      "https://\(fips ? service.fipsName : service.name).\(region)."
        + "\(Self.suffix(of: service, region: region, fips: fips, dualStack: dualStack))/"
    }
  }

  private static func suffix(
    of service: AWSService, region: String, fips: Bool, dualStack: Bool
  ) -> String {
    let partition = Partition(region: region)
    let hasNameOfItsOwn = dualStack && !service.isDualStackUnderItsOldName(region, fips)
    return hasNameOfItsOwn ? partition.dualStackDNSSuffix : partition.dnsSuffix
  }

  /// The host of every call to `service` in `region`, without a port.
  public func host(of service: AWSService, region: String) -> String {
    let authority = url(of: service, region: region).split(separator: "/").dropFirst().first
    let host = authority?.split(separator: "@").last?.split(separator: ":").first
    return host.map { String($0) } ?? ""
  }

  /// For which region calls to `service` in `region` are signed: the endpoint's own, where its host names one
  /// as AWS's hosts and interface endpoints do, as `vpce-1-a.sts.us-west-2.vpce.amazonaws.com`.
  public func signingRegion(of service: AWSService, region: String) -> String {
    guard case .url = self else { return region }
    let labels = host(of: service, region: region).split(separator: ".")
    return zip(labels, labels.dropFirst())
      .first { [service.name, service.fipsName].contains(String($0)) && Partition.isRegion($1) }
      .map { String($1) } ?? region
  }

  /// Whether there is a host to ask in `region`: an emulator's `local` is no region of AWS's.
  public func hasHost(in region: String) -> Bool {
    switch self {
    case .url: true
    case .aws: Partition.isRegion(region)
    }
  }
}

extension CertificateBundle {
  /// The file for requests to AWS: the one that `AWS_CA_BUNDLE` names, or else the platform's.
  ///
  /// - Returns: nil where libcurl's own choice is right, or nothing better is there.
  public static func file(environment: Environment) -> String? {
    file(chosen: environment["AWS_CA_BUNDLE"])
  }
}
