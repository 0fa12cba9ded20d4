import JSON

/// A group of AWS regions with host names of their own.
///
/// Source: botocore's `partitions.json`, with which a test compares it.
public struct Partition: Sendable, Equatable {
  /// As in an ARN.
  public let id: String
  /// Behind the region in a host's name.
  public let dnsSuffix: String
  /// The same of hosts that speak IPv6 as well.
  public let dualStackDNSSuffix: String
  /// What the names of its regions begin with; empty where every other name is meant.
  private let regionPrefix: String

  private init(
    _ id: String, regions regionPrefix: String, _ dnsSuffix: String, dualStack: String
  ) {
    self.id = id
    self.dnsSuffix = dnsSuffix
    dualStackDNSSuffix = dualStack
    self.regionPrefix = regionPrefix
  }

  /// The public one: what no other partition has a name for, as AWS's SDKs hold it.
  public static let aws = Partition("aws", regions: "", "amazonaws.com", dualStack: "api.aws")

  private static let others = [
    Partition(
      "aws-cn", regions: "cn-", "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn"),
    Partition("aws-eusc", regions: "eusc-", "amazonaws.eu", dualStack: "api.amazonwebservices.eu"),
    Partition("aws-iso", regions: "us-iso-", "c2s.ic.gov", dualStack: "api.aws.ic.gov"),
    Partition("aws-iso-b", regions: "us-isob-", "sc2s.sgov.gov", dualStack: "api.aws.scloud"),
    Partition(
      "aws-iso-e", regions: "eu-isoe-", "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk"),
    Partition("aws-iso-f", regions: "us-isof-", "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov"),
    Partition("aws-us-gov", regions: "us-gov-", "amazonaws.com", dualStack: "api.aws"),
  ]

  /// The partition of a region.
  ///
  /// - Parameter region: also one that AWS did not have when this was written.
  public init(region: String) {
    self = Self.others.first { region.hasPrefix($0.regionPrefix) } ?? .aws
  }

  /// Whether `text` has the form of a region's name, as `eu-central-1` and `us-gov-west-1`: words and a
  /// number, with hyphens between them.
  public static func isRegion(_ text: some StringProtocol) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count >= 3, let number = parts.last else { return false }
    return parts.allSatisfy { !$0.isEmpty }
      && number.allSatisfy(\.isASCIIDigit)
      && parts.dropLast().joined()
        .allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
  }
}
