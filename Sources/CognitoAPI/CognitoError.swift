import AWS
import HTTP

/// Why a call to Cognito did not do what it should.
///
/// Of the text that Cognito writes for people, only the constraint that a value failed is kept: the rest may quote
/// personal data.
public enum CognitoError: Error, Sendable, Equatable {
  /// The pool has no such user.
  case userNotFound
  /// The user pool, or the group, does not exist.
  case resourceNotFound
  /// The pool has a group of that name.
  case groupExists
  /// Cognito refuses a value: of an attribute that the pool lacks, that cannot be changed, or that is too long.
  case invalidParameter(CognitoOperation, failed: FailedConstraint? = nil)
  /// A quota other than that of requests a second: of groups in a pool, or of a user's identities.
  case limitExceeded(CognitoOperation)
  /// An attribute's value is another user's alias; or an identity that is to be linked is a user's already.
  case aliasExists
  /// Cognito's own refusal, not IAM's.
  case notAuthorized(CognitoOperation)
  /// IAM's refusal.
  case accessDenied(CognitoOperation)
  /// No keys to sign with were found.
  case credentialsUnavailable(CredentialsError)
  /// AWS refuses the keys that were found.
  case credentialsRefused(CredentialsRefusal)
  /// Too many requests.
  case throttled
  /// The pool's web ACL (AWS WAF) does not let this caller in, whichever user it asks about. A rule that counts
  /// requests lets it in again after a while.
  ///
  /// Source: Amazon Cognito user pools API reference, `ForbiddenException`; AWS WAF Developer Guide, "Rate-based rule
  /// statement".
  case blocked
  /// Cognito's own fault.
  case internalError(status: Int)
  /// There was no answer, or none that could be read.
  case transport(HTTPError)
  /// The deadline came first. Whether the call took effect is not known.
  case timedOut
  /// Not the JSON that the call should answer with: perhaps another program answers.
  case malformedAnswer(CognitoOperation)
  /// Any other error, by its name if it has one.
  case other(type: String?, status: Int)
}

extension CognitoError {
  /// Whether the same call may succeed a little later, without anybody having changed anything.
  public var isTransient: Bool {
    switch self {
    case .throttled, .blocked, .internalError, .timedOut: true
    case .transport(let error): error.isTransient
    case .credentialsUnavailable(let error): error.isTransient
    case .userNotFound, .resourceNotFound, .groupExists, .invalidParameter, .limitExceeded,
      .aliasExists, .notAuthorized, .accessDenied, .credentialsRefused, .malformedAnswer, .other:
      false
    }
  }

  /// Whether the host's name could not be looked up, for good or for now: libcurl does not tell.
  public var isAboutTheName: Bool {
    guard case .transport(let error) = self else { return false }
    return error.isAboutTheName
  }

  /// Whether the fault is in this call's own content, so that another call may well succeed and this
  /// one will not.
  ///
  /// What is neither transient nor permanent concerns every call: permissions, keys, the endpoint. Once
  /// somebody has set it right, the same call succeeds.
  public var isPermanent: Bool {
    switch self {
    case .userNotFound, .resourceNotFound, .groupExists, .invalidParameter, .limitExceeded,
      .aliasExists, .notAuthorized, .other(.some, _):
      true
    // Without a name it is no error of Cognito's: a proxy answers, or a captive page.
    case .other(nil, _), .accessDenied, .credentialsUnavailable, .credentialsRefused, .throttled,
      .blocked, .internalError, .transport, .timedOut, .malformedAnswer:
      false
    }
  }
}

extension CognitoError {
  init(_ error: ServiceError, of operation: CognitoOperation) {
    self =
      switch error {
      case .credentialsUnavailable(let error): .credentialsUnavailable(error)
      case .transport(let error): .transport(error)
      case .timedOut: .timedOut
      case .refused(let fault): CognitoAnswer.error(fault, of: operation)
      case .malformedAnswer: .malformedAnswer(operation)
      }
  }
}

extension CognitoError: CustomStringConvertible {
  /// What is wrong, and what an operator can do about it; fit for a log.
  public var description: String {
    switch self {
    case .userNotFound: "Cognito has no such user"
    case .resourceNotFound: "Cognito has no such user pool or group (check the pool's id)"
    case .groupExists: "Cognito has a group of that name already"
    case .invalidParameter(let operation, let constraint?):
      "Cognito refuses a value given to \(operation.rawValue): \(constraint)"
    case .invalidParameter(.updateAttributes, nil):
      "Cognito refuses an attribute (the user pool must have it, mutable, and long enough)"
    case .invalidParameter(let operation, nil):
      "Cognito refuses a value given to \(operation.rawValue)"
    case .limitExceeded(.linkProvider):
      "the user has as many identities as a user can have, or the provider is linked by too many attributes "
        + "(unlink one: AdminDisableProviderForUser)"
    case .limitExceeded(let operation):
      "a quota of the user pool is used up, \(operation.rawValue) was refused (raise it in Service "
        + "Quotas)"
    case .aliasExists:
      "what was given is another user's already: an alias, or an identity (find that user in Cognito first)"
    case .notAuthorized(let operation):
      "Cognito does not allow \(operation.rawValue) for this user or pool (no permission of IAM's helps: see "
        + "NotAuthorizedException in the call's API reference)"
    case .accessDenied(let operation):
      "access denied (the role or user needs the IAM permission cognito-idp:\(operation.rawValue) on "
        + "the user pool)"
    case .credentialsUnavailable(let error): error.description
    case .credentialsRefused(let refusal): refusal.description
    case .throttled: "Cognito throttles: too many requests (they are tried again, more slowly)"
    case .blocked:
      "AWS WAF blocks this caller (it is tried again; check the rules of the user pool's web ACL)"
    case .internalError(let status): "Cognito failed, status \(status) (it is tried again)"
    case .transport(let error) where error.isAboutCertificates:
      "Cognito could not be reached: \(error) (AWS_CA_BUNDLE names the file of trusted certificates)"
    case .transport(.noTLS): "Cognito could not be reached: \(HTTPError.noTLS)"
    case .transport(let error):
      "Cognito could not be reached: \(error) (does the network lead to it? A private subnet needs a "
        + "NAT gateway or an interface endpoint for cognito-idp)"
    case .timedOut: "Cognito did not answer in time (it is tried again, if time is left)"
    case .malformedAnswer(let operation):
      "the answer to \(operation.rawValue) is not Cognito's (check AWS_ENDPOINT_URL and "
        + "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER)"
    case .other(let type?, let status):
      "Cognito answered \(type), status \(status) (the call's API reference says what that means)"
    case .other(nil, let status):
      "the answer, with status \(status), is not Cognito's (does a proxy answer? check HTTPS_PROXY, AWS_ENDPOINT_URL "
        + "and AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER)"
    }
  }
}
