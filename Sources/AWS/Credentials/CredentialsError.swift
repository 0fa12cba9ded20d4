import HTTP

/// Why there are no keys to sign with. No case carries a key, or what a file says.
public enum CredentialsError: Error, Sendable, Equatable {
  /// No keys in any of the places that were searched, which `searched` names.
  case missing(searched: String)
  /// One variable of two, or a value that no key can have.
  case malformed(variable: String)
  /// The profile that was named is in neither file.
  case profileNotFound
  /// The profile gets its keys in a way that is not known here: a role, a login, a program.
  case profileNeedsExport
  /// The file that this variable names cannot be read.
  case unreadableFile(variable: String)
  /// The container's endpoint gave none.
  case endpointStatus(Int)
  /// The container's endpoint answered something else than keys.
  case endpointAnswer
  /// The container's endpoint could not be reached.
  case endpointTransport(HTTPError)
  /// The variable names an endpoint that may not be asked for keys.
  case endpointNotAllowed(variable: String)

  /// Whether asking again may help, without anybody having changed anything.
  public var isTransient: Bool {
    switch self {
    case .endpointTransport(let error): error.isTransient
    case .endpointStatus(let status): status == 429 || status >= 500
    case .missing, .malformed, .profileNotFound, .profileNeedsExport, .unreadableFile,
      .endpointAnswer, .endpointNotAllowed:
      false
    }
  }
}

extension CredentialsError: CustomStringConvertible {
  /// What is wrong, and what an operator can do about it.
  public var description: String {
    let export = #"eval "$(aws configure export-credentials --format env)""#
    return switch self {
    case .missing(let searched):
      "no AWS credentials in \(searched) (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: "
        + "\(export))"
    case .malformed(let variable):
      "\(variable) is missing, or has characters that no such value has (set it as AWS gave it)"
    case .profileNotFound: "the AWS profile is in neither file (check AWS_PROFILE)"
    case .profileNeedsExport:
      "the AWS profile holds no keys of its own (for SSO, a role or a credential process run: \(export))"
    case .unreadableFile(let variable):
      "the file that \(variable) names cannot be read (check the path and who may read it)"
    case .endpointStatus(let status):
      "the container's credentials endpoint answered \(status) (does the task or the pod have a role?)"
    case .endpointAnswer:
      "the container's credentials endpoint gave no keys (does the task or the pod have a role?)"
    case .endpointTransport(let error):
      "the container's credentials endpoint could not be reached: \(error) (check "
        + "AWS_CONTAINER_CREDENTIALS_FULL_URI, or do without: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
    case .endpointNotAllowed(let variable):
      "\(variable) must be an https URL, or name this machine or its container's host"
    }
  }
}
