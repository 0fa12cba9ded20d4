import AWS
import JSON
import XCTest

@testable import CognitoAPI

final class CognitoAnswerTests: XCTestCase {
  private func error(
    _ status: Int, _ body: String, header: String? = nil,
    of operation: CognitoOperation = .createGroup
  ) -> CognitoError? {
    do {
      let body = Array(body.utf8)
      if let fault = ServiceFault(status: status, typeHeader: header, body: body) {
        return CognitoAnswer.error(fault, of: operation)
      }
      _ = try CognitoAnswer.members(in: body, of: operation)
      return nil
    } catch {
      return error
    }
  }

  func testErrorsAreTypedByTheirName() {
    let rows: [(name: String, error: CognitoError)] = [
      ("UserNotFoundException", .userNotFound),
      ("ResourceNotFoundException", .resourceNotFound),
      ("GroupExistsException", .groupExists),
      ("InvalidParameterException", .invalidParameter(.createGroup)),
      ("ValidationException", .invalidParameter(.createGroup)),
      ("AliasExistsException", .aliasExists),
      ("LimitExceededException", .limitExceeded(.createGroup)),
      ("NotAuthorizedException", .notAuthorized(.createGroup)),
      ("AccessDeniedException", .accessDenied(.createGroup)),
      ("AccessDenied", .accessDenied(.createGroup)),
      ("UnrecognizedClientException", .credentialsRefused(.unknownKey)),
      ("InvalidClientTokenId", .credentialsRefused(.unknownKey)),
      ("MissingAuthenticationToken", .credentialsRefused(.unknownKey)),
      ("MissingAuthenticationTokenException", .credentialsRefused(.unknownKey)),
      ("OptInRequired", .credentialsRefused(.unknownKey)),
      ("ExpiredTokenException", .credentialsRefused(.expired)),
      ("ExpiredToken", .credentialsRefused(.expired)),
      ("RequestExpired", .credentialsRefused(.expired)),
      ("InvalidSignatureException", .credentialsRefused(.wrongSignature)),
      ("SignatureDoesNotMatch", .credentialsRefused(.wrongSignature)),
      ("IncompleteSignature", .credentialsRefused(.wrongSignature)),
      ("IncompleteSignatureException", .credentialsRefused(.wrongSignature)),
      ("TooManyRequestsException", .throttled),
      ("ThrottlingException", .throttled),
      ("Throttling", .throttled),
      ("ThrottledException", .throttled),
      ("RequestLimitExceeded", .throttled),
      ("RequestThrottled", .throttled),
      ("RequestThrottledException", .throttled),
      ("SlowDown", .throttled),
      ("InternalErrorException", .internalError(status: 400)),
      ("InternalFailure", .internalError(status: 400)),
      ("InternalServerError", .internalError(status: 400)),
      ("ServiceUnavailable", .internalError(status: 400)),
      ("ServiceUnavailableException", .internalError(status: 400)),
      // AWS WAF, and not IAM.
      ("ForbiddenException", .blocked),
      ("NewException", .other(type: "NewException", status: 400)),
    ]
    for row in rows {
      for type in [
        row.name, "com.amazonaws.cognito#\(row.name)", "\(row.name):http://internal.amazon.com/",
      ] {
        XCTAssertEqual(error(400, #"{"__type":"\#(type)","message":"secret"}"#), row.error, type)
        XCTAssertEqual(error(400, "", header: type), row.error, type)
      }
    }
  }

  /// AWS spells the member either way.
  func testAConstraintIsReadOfEitherSpellingOfTheMessage() throws {
    let message = "Value 'a' at 'name' failed to satisfy constraint: Member must be shorter"
    let failed = try XCTUnwrap(FailedConstraint(message: message))
    for member in ["message", "Message"] {
      XCTAssertEqual(
        error(400, #"{"__type":"ValidationException","\#(member)":"\#(message)"}"#),
        .invalidParameter(.createGroup, failed: failed), member)
    }
  }

  func testAStatusWithoutANameIsJudgedByItself() {
    let rows: [(status: Int, body: String, error: CognitoError)] = [
      (429, "", .throttled), (500, "<html>", .internalError(status: 500)),
      (503, "{}", .internalError(status: 503)), (400, "{}", .other(type: nil, status: 400)),
      (403, "secret", .other(type: nil, status: 403)),
      (302, "", .other(type: nil, status: 302)),
      (500, #"{"__type":"Odd"}"#, .internalError(status: 500)),
      (429, #"{"__type":"Odd"}"#, .throttled),
      // Anything else might be anything.
      (400, #"{"__type":"not a name"}"#, .other(type: nil, status: 400)),
      (400, #"{"__type":"1"}"#, .other(type: nil, status: 400)),
      (400, #"{"__type":"ada@example.com"}"#, .other(type: nil, status: 400)),
      (400, #"{"__type":""}"#, .other(type: nil, status: 400)),
      (400, #"{"__type":"\#(String(repeating: "a", count: 65))"}"#, .other(type: nil, status: 400)),
      (400, #"{"__type":7}"#, .other(type: nil, status: 400)),
    ]
    for row in rows { XCTAssertEqual(error(row.status, row.body), row.error, row.body) }
  }

  func testAnAnswerIsAnObjectOrNothing() throws {
    XCTAssertEqual(try CognitoAnswer.members(in: [], of: .getUser), [:])
    XCTAssertEqual(
      try CognitoAnswer.members(in: Array(#"{"a":"b"}"#.utf8), of: .getUser), ["a": .string("b")])
    for body in ["[]", "\"a\"", "{", "<html>", "{} {}", "\u{FEFF}{}"] {
      XCTAssertEqual(error(200, body, of: .getUser), .malformedAnswer(.getUser), body)
    }
  }

  func testWhatToDoAboutAnError() {
    let rows: [(error: CognitoError, isTransient: Bool, isPermanent: Bool)] = [
      (.throttled, true, false), (.internalError(status: 500), true, false),
      // Nobody's user is to blame.
      (.blocked, true, false),
      (.timedOut, true, false), (.transport(.timedOut), true, false),
      (.transport(.transport(code: 7, message: "refused")), true, false),
      (.transport(.transport(code: 60, message: "certificate")), false, false),
      (.transport(.bodyTooLarge(limit: 1)), false, false), (.transport(.noTLS), false, false),
      (.userNotFound, false, true), (.resourceNotFound, false, true), (.groupExists, false, true),
      (.invalidParameter(.createGroup), false, true), (.limitExceeded(.createGroup), false, true),
      (.aliasExists, false, true), (.notAuthorized(.getUser), false, true),
      (.other(type: "X", status: 400), false, true),
      (.accessDenied(.getUser), false, false), (.malformedAnswer(.getUser), false, false),
      (.credentialsRefused(.expired), false, false),
      (.credentialsUnavailable(.profileNotFound), false, false),
      (.credentialsUnavailable(.endpointStatus(503)), true, false),
      (.credentialsUnavailable(.endpointStatus(404)), false, false),
    ]
    for row in rows {
      XCTAssertEqual(row.error.isTransient, row.isTransient, "\(row.error)")
      XCTAssertEqual(row.error.isPermanent, row.isPermanent, "\(row.error)")
    }
  }

  func testDescriptionsNameTheRemedy() {
    let rows: [(error: CognitoError, part: String)] = [
      (.accessDenied(.updateAttributes), "cognito-idp:AdminUpdateUserAttributes"),
      (.accessDenied(.listGroupsForUser), "cognito-idp:AdminListGroupsForUser"),
      (.invalidParameter(.updateAttributes), "mutable"),
      (.credentialsRefused(.wrongSignature), "clock"),
      (.credentialsUnavailable(.profileNeedsExport), "aws configure export-credentials"),
      (.transport(.transport(code: 60, message: "x")), "AWS_CA_BUNDLE"),
      (.transport(.transport(code: 28, message: "x")), "interface endpoint"),
      (.blocked, "web ACL"), (.malformedAnswer(.getUser), "AWS_ENDPOINT_URL"),
      (.transport(.noTLS), "http://"),
    ]
    for row in rows {
      XCTAssertTrue("\(row.error)".contains(row.part), "\(row.error)")
      XCTAssertFalse("\(row.error)".contains("\n"))
    }
  }
}
