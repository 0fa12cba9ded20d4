import HTTP
import JSON

/// Why a call to a service gave no answer that can be used.
public enum ServiceError: Error, Sendable, Equatable {
  /// No keys to sign with were found.
  case credentialsUnavailable(CredentialsError)
  /// There was no answer, or none that could be read.
  case transport(HTTPError)
  /// The deadline came first. Whether the call took effect is not known.
  case timedOut
  /// The service's own refusal.
  case refused(ServiceFault)
  /// A success whose body is not the JSON that it should be: perhaps another program answers.
  case malformedAnswer
}

extension ServiceError {
  /// Why `action` gave no answer, in a line without what the service wrote for people.
  ///
  /// - Parameter action: as IAM names it, `cloudtrail:DescribeTrails`.
  public func told(of action: String) -> String {
    switch self {
    case .credentialsUnavailable(let error): error.description
    case .transport(let error):
      "\(action) could not be asked: \(error) (does the network lead there?)"
    case .timedOut: "\(action) was not answered in time"
    case .malformedAnswer: "the answer to \(action) is not AWS's (check AWS_ENDPOINT_URL)"
    case .refused(let fault):
      if let refusal = fault.credentialsRefusal {
        refusal.description
      } else if fault.isAccessDenied {
        "\(action) is not allowed here"
      } else {
        "\(action) was answered with \(fault.name ?? "an error without a name"), status \(fault.status)"
      }
    }
  }
}

/// An error that a service of AWS answered with.
///
/// Source: the errors of the protocols AWS JSON and REST JSON: the type is `__type`, or the header `x-amzn-ErrorType`.
public struct ServiceFault: Error, Sendable, Equatable {
  /// The type's name, without a name space; nil where the answer has none: then it might be anybody's.
  public var name: String?
  /// Written for people; it may quote personal data, and is never to be logged.
  public var message: String?
  /// Of HTTP.
  public var status: Int

  /// - Parameter typeHeader: `x-amzn-ErrorType`.
  /// - Returns: nil where the status is that of a success.
  public init?(status: Int, typeHeader: String?, body: [UInt8]) {
    guard !(200...299).contains(status) else { return nil }
    let content = (try? JSONValue(parsing: body))?.object
    name = Self.typeName(content?["__type"]?.string) ?? Self.typeName(typeHeader)
    message = content?["message"]?.string ?? content?["Message"]?.string
    self.status = status
  }

  /// A type's name without the name space before `#` and the address after `:`.
  ///
  /// - Returns: nil where it does not look like a name: then it might be anything.
  private static func typeName(_ text: String?) -> String? {
    guard let last = text?.split(separator: "#").last, let first = last.split(separator: ":").first,
      first.utf8.count <= 64, first.utf8.allSatisfy(\.isASCIILetterOrDigit),
      first.utf8.first?.isASCIIDigit == false
    else { return nil }
    return String(first)
  }

  /// What AWS has against the keys; nil where it is something else.
  ///
  /// Source: "Common Error Types" in the API reference of each service.
  public var credentialsRefusal: CredentialsRefusal? {
    switch name {
    case "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
      "MissingAuthenticationTokenException", "OptInRequired":
      .unknownKey
    case "ExpiredTokenException", "ExpiredToken", "RequestExpired": .expired
    case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature",
      "IncompleteSignatureException":
      .wrongSignature
    default: nil
    }
  }

  /// Whether IAM does not allow the call.
  public var isAccessDenied: Bool { name == "AccessDeniedException" || name == "AccessDenied" }
}

/// What AWS has against the keys that a request is signed with.
public enum CredentialsRefusal: Sendable, Equatable, CustomStringConvertible {
  /// There is no such key, or it is not active.
  case unknownKey
  /// Temporary keys are past their time.
  case expired
  /// Made with another secret key, or at a time that AWS's clocks do not agree with.
  case wrongSignature

  /// What is wrong, and what an operator can do about it.
  public var description: String {
    switch self {
    case .unknownKey:
      "AWS does not know the access key (check AWS_ACCESS_KEY_ID, and AWS_SESSION_TOKEN for a role's)"
    case .expired: "the AWS credentials have expired (renew them)"
    case .wrongSignature:
      "AWS refuses the signature (check AWS_SECRET_ACCESS_KEY and this machine's clock)"
    }
  }
}
