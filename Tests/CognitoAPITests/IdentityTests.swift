import Clock
import CognitoAPI
import JSON
import TestSupport
import XCTest

/// Finding users by an address, linking an identity to one, and deleting one.
final class IdentityTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }

  func testAnAddressThatWouldChangeTheFilterIsNone() throws {
    for address in [
      "", "\"", "ada\"@example.com", #"\"@example.com"#, "ada@example.com\\",
      #"" or status = "Enabled"#, "ada@example.com\u{0}", "ada@example.com\n",
      String(repeating: "a", count: 247),
    ] {
      XCTAssertNil(EmailFilter(address), address)
    }
    for address in [
      "ada@example.com", String(repeating: "a", count: 246), "o'hara+1@bücher.example",
    ] {
      XCTAssertNotNil(EmailFilter(address), address)
    }
  }

  func testEverybodyListedIsFoundOverAllPages() throws {
    let pages = [
      #"{"Users":[],"PaginationToken":"1"}"#,
      #"{"Users":[{"Username":"ada"},{"Username":"bob"}],"PaginationToken":"2"}"#,
      #"{"Users":[{"Username":"eve"}]}"#,
    ]
    let cognito = try ScriptedCognito(pages.map { .answer(200, body: Array($0.utf8)) })
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    let filter = try XCTUnwrap(EmailFilter("ada@example.com"))
    let users = try cognito.client.users(with: filter, in: pool, until: soon)
    XCTAssertEqual(users.map(\.username), ["ada", "bob", "eve"])
    let bodies = try cognito.server.requests.map { try JSONValue(parsing: $0.body).object ?? [:] }
    XCTAssertEqual(
      bodies.map { $0["Filter"] },
      Array(repeating: .string(#"email = "ada@example.com""#), count: 3))
    XCTAssertEqual(bodies.map { $0["PaginationToken"] }, [nil, .string("1"), .string("2")])
  }

  func testSomebodyWhoCannotBeReadAndPagesWithoutEndAreNoAnswer() throws {
    for page in [
      #"{"Users":[{"Username":"ada"},{"Username":7}]}"#, #"{"Users":[],"PaginationToken":"1"}"#,
    ] {
      let cognito = try ScriptedCognito(
        Array(repeating: .answer(200, body: Array(page.utf8)), count: 3))
      let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
      let filter = try XCTUnwrap(EmailFilter("ada@example.com"))
      XCTAssertThrowsError(try cognito.client.users(with: filter, in: pool, until: soon)) {
        XCTAssertEqual($0 as? CognitoError, .malformedAnswer(.listUsers))
      }
    }
  }

  func testALinkNamesTheSubjectAndTheUser() throws {
    let cognito = try ScriptedCognito([.answer(200)])
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    try cognito.client.link("115", of: "Google", to: "ada", in: pool, until: soon)
    let request = try XCTUnwrap(cognito.server.requests.first)
    XCTAssertEqual(
      request.headers["x-amz-target"],
      "AWSCognitoIdentityProviderService.AdminLinkProviderForUser")
    XCTAssertEqual(
      try JSONValue(parsing: request.body).jsonText,
      #"{"DestinationUser":{"ProviderAttributeValue":"ada","ProviderName":"Cognito"},"#
        + #""SourceUser":{"ProviderAttributeName":"Cognito_Subject","ProviderAttributeValue":"115","ProviderName":"Google"},"#
        + #""UserPoolId":"\#(ScriptedCognito.pool)"}"#)
  }

  func testRefusalsOfALinkAreToldApart() throws {
    let rows: [(String, CognitoError)] = [
      ("AliasExistsException", .aliasExists), ("UserNotFoundException", .userNotFound),
      ("LimitExceededException", .limitExceeded(.linkProvider)),
      ("InvalidParameterException", .invalidParameter(.linkProvider)),
      ("NotAuthorizedException", .notAuthorized(.linkProvider)),
      ("AccessDeniedException", .accessDenied(.linkProvider)),
      (
        "ConcurrentModificationException",
        .other(type: "ConcurrentModificationException", status: 400)
      ),
    ]
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    for (type, expected) in rows {
      let cognito = try ScriptedCognito([ScriptedCognito.error(type)])
      XCTAssertThrowsError(
        try cognito.client.link("115", of: "Google", to: "ada", in: pool, until: soon)
      ) {
        XCTAssertEqual($0 as? CognitoError, expected)
        XCTAssertFalse("\($0)".contains("secret"))
      }
    }
  }

  func testOnlyTheAnswerThatThereIsNobodySaysThatLinkingIsPermitted() throws {
    let rows: [(String, CognitoError?)] = [
      ("UserNotFoundException", nil), ("InvalidParameterException", nil),
      ("ResourceNotFoundException", nil),
      ("AccessDeniedException", .accessDenied(.linkProvider)),
      ("NotAuthorizedException", .notAuthorized(.linkProvider)),
      ("UnsupportedOperation", .other(type: "UnsupportedOperation", status: 400)),
    ]
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    var names: Set<String> = []
    for (type, expected) in rows {
      let cognito = try ScriptedCognito([ScriptedCognito.error(type)])
      var caught: CognitoError?
      do throws(CognitoError) {
        try cognito.client.tryLinking(in: pool, until: soon)
      } catch {
        caught = error
      }
      XCTAssertEqual(caught, expected, type)
      let body = try XCTUnwrap(cognito.server.requests.first?.body)
      let user = try JSONValue(parsing: body).object?["DestinationUser"]?.object
      names.insert(try XCTUnwrap(user?["ProviderAttributeValue"]?.string))
    }
    XCTAssertEqual(names.count, rows.count, "a name that nobody can have made is made up each time")
  }

  func testAUserIsFoundByAddressAndDeleted() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    for name in ["ada", "bob"] {
      try moto.createUser(name, attributes: ["email": "\(name)@example.com"], in: pool)
    }
    let client = try CognitoClient(asking: moto.endpoint)
    let filter = try XCTUnwrap(EmailFilter("ada@example.com"))
    XCTAssertEqual(
      try client.users(with: filter, in: pool, until: soon).map(\.username), ["ada"])
    try client.deleteUser("ada", in: pool, until: soon)
    XCTAssertEqual(try client.users(with: filter, in: pool, until: soon), [])
    XCTAssertThrowsError(try client.deleteUser("ada", in: pool, until: soon)) {
      XCTAssertEqual($0 as? CognitoError, .userNotFound)
    }
  }
}
