import Glibc
import JSON

/// User and password of a login.
///
/// Deliberately not `CustomStringConvertible`: it holds the password.
struct Login: Sendable, Equatable {
  var user: String
  var password: String
}

/// Why the Secrets Manager extension gave no login. No case carries anything that it said.
enum SecretError: Error, Sendable, Equatable {
  /// libcurl's code and text.
  case noAnswer(String)
  /// It starts with the function, and serves requests a little later.
  case notReady
  case badRequest
  case forbidden
  case notFound
  case status(Int)
  /// Not the JSON of `GetSecretValue`, or no text in it.
  case malformedAnswer
  /// The secret's text has no user and password.
  case malformedSecret

  /// Whether asking again may help, without anybody having changed anything.
  var mayPass: Bool {
    switch self {
    case .noAnswer, .notReady, .badRequest: true
    case .status(let status): status == 429 || status >= 500
    case .forbidden, .notFound, .malformedAnswer, .malformedSecret: false
    }
  }
}

/// What an answer of the extension to `secretsmanager/get` means.
///
/// Source: AWS Secrets Manager User Guide, "Use AWS Secrets Manager secrets in AWS Lambda functions";
/// the body is that of the API call `GetSecretValue`.
enum SecretAnswer {
  static func login(status: Int, body: [UInt8]) throws(SecretError) -> Login {
    switch status {
    case 200: return try login(in: body)
    case 400:
      // C's search: `String.contains` would bring the whole machinery of regular expressions along.
      let isNotReady = strstr(String(decoding: body, as: UTF8.self), "not ready") != nil
      throw isNotReady ? .notReady : .badRequest
    case 401, 403: throw .forbidden
    case 404: throw .notFound
    default: throw .status(status)
    }
  }

  private static func login(in body: [UInt8]) throws(SecretError) -> Login {
    guard let secret = members(of: body)?["SecretString"]?.string else { throw .malformedAnswer }
    // What secrets for databases hold, whoever made them; RDS puts more into some.
    guard let content = members(of: Array(secret.utf8)),
      let user = content["username"]?.string, !user.isEmpty,
      let password = content["password"]?.string, !password.isEmpty
    else { throw .malformedSecret }
    return Login(user: user, password: password)
  }

  /// Nil where the text is no JSON object. One with a NUL character is none either: a C string, which
  /// libpq takes, would end there.
  private static func members(of json: [UInt8]) -> [JSONKey: JSONValue]? {
    try? JSONValue(parsing: json, unstorable: .refused).object
  }
}

extension SecretError: CustomStringConvertible {
  /// What is wrong, and what an operator can do about it.
  var description: String {
    switch self {
    case .noAnswer(let reason):
      "the Secrets Manager extension does not answer, \(reason) (is the layer "
        + "AWS-Parameters-and-Secrets-Lambda-Extension part of the function?)"
    case .notReady:
      "the Secrets Manager extension is not ready yet (it is asked again)"
    case .badRequest:
      "the Secrets Manager extension answered 400 (it is not ready yet, or DATABASE_SECRET_ARN is "
        + "wrong, or the function's role lacks secretsmanager:GetSecretValue)"
    case .forbidden:
      "the Secrets Manager extension refused access (the function's role needs "
        + "secretsmanager:GetSecretValue on the secret, and kms:Decrypt on a key of your own)"
    case .notFound:
      "the Secrets Manager extension found no such secret (check DATABASE_SECRET_ARN)"
    case .status(let status):
      "the Secrets Manager extension answered \(status) (see its own log lines)"
    case .malformedAnswer:
      "the Secrets Manager extension's answer holds no SecretString (is the secret binary, or "
        + "another program on PARAMETERS_SECRETS_EXTENSION_HTTP_PORT?)"
    case .malformedSecret:
      "the secret is not a JSON object with username and password (check DATABASE_SECRET_ARN)"
    }
  }
}
