import Glibc
import Settings

/// The keys of a profile in the files that AWS's command line and SDKs share.
struct SharedFiles {
  private static let sizeLimit = 1 << 20
  private static let keyNames = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]
  /// Settings that get keys in a way that is not supported here.
  private static let otherWays = [
    "role_arn", "sso_session", "sso_start_url", "sso_account_id", "credential_process",
    "web_identity_token_file", "credential_source", "login_session",
  ]

  private let profile: String
  /// A profile that somebody named must be there; the default one need not.
  private let isNamed: Bool
  private let credentialsPath: String?
  private let configPath: String?

  init(environment: Environment) {
    let named = environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
    isNamed = named != nil
    profile = named ?? "default"
    let home = environment["HOME"]
    func path(_ name: String, _ usual: String) -> String? {
      let path = environment[name] ?? "~/.aws/\(usual)"
      guard path.hasPrefix("~/") else { return path }
      return home.map { $0 + path.dropFirst() }
    }
    credentialsPath = path("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    configPath = path("AWS_CONFIG_FILE", "config")
  }

  /// - Returns: nil where there is no profile, or an empty one, and nobody named it.
  func credentials() throws(CredentialsError) -> AWSCredentials? {
    let own = try Self.file(credentialsPath, variable: "AWS_SHARED_CREDENTIALS_FILE")?[profile]
    let file = try Self.file(configPath, variable: "AWS_CONFIG_FILE")
    let configured =
      file?["profile \(profile)"] ?? (profile == "default" ? file?["default"] : nil)
    let sections = [own, configured].compactMap(\.self)
    guard !sections.isEmpty else {
      if isNamed { throw .profileNotFound }
      return nil
    }
    // A role's keys, not those that only serve to assume it.
    let takesRole = sections.contains { $0["role_arn"]?.isEmpty == false }
    if !takesRole, let keys = sections.first(where: { $0["aws_access_key_id"]?.isEmpty == false }) {
      return try Self.credentials(in: keys)
    }
    let hasOtherWay = sections.contains { section in
      Self.otherWays.contains { section[$0]?.isEmpty == false }
    }
    if hasOtherWay || isNamed { throw .profileNeedsExport }
    return nil
  }

  private static func credentials(
    in section: [String: String]
  ) throws(CredentialsError) -> AWSCredentials {
    for name in keyNames {
      let value = section[name] ?? ""
      let mayBeMissing = name == "aws_session_token"
      guard AWSCredentials.canBeSent(value) || mayBeMissing && value.isEmpty else {
        throw .malformed(variable: "\(name) of the AWS profile")
      }
    }
    return AWSCredentials(
      accessKeyID: section[keyNames[0]] ?? "", secretAccessKey: section[keyNames[1]] ?? "",
      sessionToken: section[keyNames[2]].flatMap { $0.isEmpty ? nil : $0 })
  }

  private static func file(
    _ path: String?, variable: String
  ) throws(CredentialsError) -> ProfileFile? {
    guard let path else { return nil }
    return try contents(of: path, variable: variable).map { ProfileFile($0) }
  }

  /// - Returns: nil when there is no such file.
  static func contents(of path: String, variable: String) throws(CredentialsError) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .unreadableFile(variable: variable)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      if count < 0, errno == EINTR { continue }
      guard count > 0, bytes.count + count <= sizeLimit else {
        throw .unreadableFile(variable: variable)
      }
      bytes += chunk[..<count]
    }
  }
}
