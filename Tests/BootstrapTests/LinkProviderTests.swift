import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `LINK_PROVIDERS`: who comes through a provider for the first time is linked to the native user with the same verified
/// address, or is not. A scripted Cognito plays its part.
final class LinkProviderTests: XCTestCase {
  private static let address = "ada@example.com"
  private static let sub = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
  private static let subject = "115000000000000000001"
  private static let name = "ada.lovelace"

  private func function(
    on database: TestDatabase, _ server: ScriptedServer, _ more: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    let environment = [
      "DATABASE_URL": database.handlerURL, "LINK_PROVIDERS": "Google,SignInWithApple,AcmeSAML",
      "LINK_SUBJECT_ATTRIBUTE": "custom:subject", "METRICS": "emf",
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)",
      "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "secret/key",
    ]
    return try FunctionUnderTest(
      environment: environment.merging(more) { $1 }, keeping: database)
  }

  /// Ada, through Google.
  private func signUp(
    _ userName: String = "google_\(subject)", _ changes: [String: Any?] = [:]
  ) -> TestEvent {
    var event = TestEvent("PreSignUp_ExternalProvider", email: Self.address)
    event.userName = userName
    event.attributes = ["email": Self.address, "email_verified": "true", "name": "Ada"]
    event.attributes["cognito:user_status"] = "EXTERNAL_PROVIDER"
    for (name, value) in changes { event.attributes[name] = value }
    return event
  }

  /// A native user as Cognito describes one.
  private struct Native {
    var name = LinkProviderTests.name
    var sub = LinkProviderTests.sub
    var status = "CONFIRMED"
    var isEnabled = true
    var attributes: [String: String] = [:]

    func json(_ attributesName: String) throws -> [String: Any] {
      let own = ["sub": sub, "email": LinkProviderTests.address, "email_verified": "true"]
      return [
        "Username": name, "UserStatus": status, "Enabled": isEnabled,
        attributesName: own.merging(attributes) { $1 }.map { ["Name": $0.key, "Value": $0.value] },
      ]
    }
  }

  /// `ListUsers`, then `AdminGetUser` for the first, and whatever else is asked for.
  private func server(_ natives: [Native]) throws -> ScriptedServer {
    func answer(_ object: [String: Any]) throws -> ScriptedServer.Step {
      .answer(200, body: Array(try JSONSerialization.data(withJSONObject: object)))
    }
    var steps = [try answer(["Users": natives.map { try $0.json("Attributes") }])]
    if let first = natives.first { steps.append(try answer(first.json("UserAttributes"))) }
    return try ScriptedServer(steps + Array(repeating: try answer([:]), count: 3))
  }

  private func calls(_ server: ScriptedServer) -> [String] {
    server.requests.compactMap {
      $0.headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
    }
  }

  private func metric(_ name: String, of function: FunctionUnderTest) throws -> Int? {
    try function.logLines().last { $0["_aws"] != nil }?[name] as? Int
  }

  func testALinkedIdentityNeverGetsARowOfItsOwn() throws {
    let database = try TestDatabase()
    let server = try server([Native()])
    let function = try function(on: database, server)
    let event = signUp()
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    let report = try XCTUnwrap(function.reports().last)
    XCTAssertEqual(report["link"] as? String, "linked")
    XCTAssertEqual(report["outcome"] as? String, "passed")
    XCTAssertEqual(report["sub"] as? String, Self.sub)
    XCTAssertEqual(report["level"] as? String, "INFO")
    XCTAssertEqual(try metric("Linked", of: function), 1)
    XCTAssertEqual(try metric("LinkDoubted", of: function), 0)
    XCTAssertEqual(try metric("LinkFailed", of: function), 0)
    XCTAssertEqual(calls(server), ["ListUsers", "AdminGetUser", "AdminLinkProviderForUser"])
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "0")

    // What follows at Cognito, now and at each later sign-in, is the native user's.
    let identities =
      #"[{"userId":"\#(Self.subject)","providerName":"Google","providerType":"Google","primary":false}]"#
    for source in ["PostAuthentication_Authentication", "TokenGeneration_HostedAuth"] {
      var next = TestEvent(
        source, sub: try XCTUnwrap(UUID(uuidString: Self.sub)), email: Self.address,
        attributes: ["identities": identities])
      next.userName = Self.name
      XCTAssertTrue(try function.invoke(next).echoes(next.bytes))
    }
    XCTAssertEqual(
      try database.query(
        "SELECT sub, username, status, identities -> 0 ->> 'providerName' FROM cognito.users"),
      [[Self.sub, Self.name, "CONFIRMED", "Google"]])
    XCTAssertEqual(server.requests.count, 3, "only before a sign-up")
    XCTAssertEqual(
      try function.logText.givesAway([Self.address, Self.subject, Self.name, "secret/key"]), [])
  }

  func testWithRetryALinkAndNothingElseIsAnsweredWithOneFixedError() throws {
    let database = try TestDatabase()
    let linked = try server([Native()])
    let function = try function(on: database, linked, ["LINK_ANSWER": "retry"])
    guard case .error(let type, let body) = try function.invoke(signUp()).kind else {
      return XCTFail("answered")
    }
    XCTAssertEqual(type, "Function.SignInAgain")
    XCTAssertTrue(
      String(decoding: body, as: UTF8.self)
        .contains(#""errorMessage":"Your accounts are linked now, please sign in again""#))
    XCTAssertEqual(try function.reports().last?["link"] as? String, "linked")
    for (natives, word) in [([], "nobody"), ([Native(status: "UNCONFIRMED")], "unconfirmed")] {
      let server = try server(natives)
      let other = try self.function(on: database, server, ["LINK_ANSWER": "retry"])
      let event = signUp()
      XCTAssertTrue(try other.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try other.reports().last?["link"] as? String, word)
      XCTAssertGreaterThan(server.requests.count, 0)
    }
  }

  /// Each ends in a user of its own, as if there were no such feature.
  func testNoAttackEndsInALink() throws {
    let other = "9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11"
    let unconfirmed = Native(status: "UNCONFIRMED", attributes: ["email_verified": "false"])
    let attacks: [(name: String, event: TestEvent, natives: [Native], word: String)] = [
      ("unconfirmed pre-registration", signUp(), [unconfirmed], "unconfirmed"),
      (
        "one beside the right one", signUp(),
        [Native(), Native(name: "eve", sub: other, status: "UNCONFIRMED")], "ambiguous"
      ),
      (
        "native's address unverified", signUp(), [Native(attributes: ["email_verified": "false"])],
        "addressUnverified"
      ),
      (
        "provider's address unverified", signUp("google_1", ["email_verified": "false"]),
        [Native()], "unverified"
      ),
      (
        "not said to be verified", signUp("google_1", ["email_verified": nil]), [Native()],
        "unverified"
      ),
      ("two natives", signUp(), [Native(), Native(name: "bob", sub: other)], "ambiguous"),
      ("disabled native", signUp(), [Native(isEnabled: false)], "disabled"),
      ("provider that is not listed", signUp("facebook_1"), [Native()], "notListed"),
      ("listed provider inside a name", signUp("evil_google_1"), [Native()], "notListed"),
      (
        "address in other case", signUp("google_1", ["email": "Ada@example.com"]), [Native()],
        "otherCase"
      ),
      (
        "native's in other case", signUp(), [Native(attributes: ["email": "ADA@example.com"])],
        "otherCase"
      ),
      ("tag", signUp("google_1", ["email": "ada+1@example.com"]), [Native()], "nobody"),
      ("native's tag", signUp(), [Native(attributes: ["email": "ada+1@example.com"])], "nobody"),
      ("full-width", signUp("google_1", ["email": "\u{FF41}da@example.com"]), [Native()], "nobody"),
      (
        "full-width at sign", signUp("google_1", ["email": "ada\u{FF20}example.com"]), [Native()],
        "nobody"
      ),
      (
        "IDNA", signUp("google_1", ["email": "ada@b\u{FC}cher.example"]),
        [Native(attributes: ["email": "ada@xn--bcher-kva.example"])], "nobody"
      ),
      (
        "composed differently", signUp("google_1", ["email": "\u{E9}@example.com"]),
        [Native(attributes: ["email": "e\u{301}@example.com"])], "nobody"
      ),
      ("several underscores", signUp("google_1_2"), [Native()], "subject"),
      ("several underscores, not mapped", signUp("acmesaml_ada_lovelace"), [Native()], "capitals"),
      (
        "another's subject mapped", signUp("acmesaml_eve", ["custom:subject": "Ada"]), [Native()],
        "subject"
      ),
      (
        "display name", signUp("google_1", ["email": nil, "name": Self.address]), [Native()],
        "noAddress"
      ),
      (
        "address in a display name", signUp("google_1", ["email": "Eve <\(Self.address)>"]),
        [Native()], "nobody"
      ),
      (
        "quoted", signUp("google_1", ["email": "\" or email = \"\(Self.address)"]), [Native()],
        "oddAddress"
      ),
      (
        "second identity of the provider", signUp(),
        [Native(attributes: ["identities": #"[{"userId":"1","providerName":"Google"}]"#])],
        "alreadyLinked"
      ),
    ]
    let database = try TestDatabase()
    for attack in attacks {
      let server = try server(attack.natives)
      let function = try function(on: database, server)
      XCTAssertTrue(try function.invoke(attack.event).echoes(attack.event.bytes), attack.name)
      let report = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(report["link"] as? String, attack.word, attack.name)
      XCTAssertFalse(calls(server).contains("AdminLinkProviderForUser"), attack.name)
      XCTAssertEqual(try metric("Linked", of: function), 0)
      XCTAssertEqual(
        try metric("LinkDoubted", of: function),
        ["nobody", "notListed"].contains(attack.word) ? 0 : 1, attack.name)
      XCTAssertFalse(function.logText.contains("@"), attack.name)
    }
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "0")
  }

  func testOnlyThisOneTriggerLinks() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer([])
    let function = try function(on: database, server)
    for source in [
      "PreSignUp_SignUp", "PreSignUp_AdminCreateUser", "InboundFederation_ExternalProvider",
    ] {
      var event = signUp()
      event.source = source
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes), source)
      XCTAssertNil(try function.reports().last?["link"], source)
    }
    XCTAssertEqual(server.requests.count, 0)
  }

  func testWhoMayNotSignUpIsNotLinked() throws {
    let database = try TestDatabase()
    let server = try server([Native()])
    let refused = try function(
      on: database, server, ["SIGN_UP_BLOCKED_EMAIL_DOMAINS": "example.com"])
    guard case .error("Function.SignUpRefused", _) = try refused.invoke(signUp()).kind else {
      return XCTFail("answered")
    }
    XCTAssertNil(try refused.reports().last?["link"])
    XCTAssertEqual(server.requests.count, 0)
    let allowed = try function(
      on: database, server, ["SIGN_UP_ALLOWED_EMAIL_DOMAINS": "example.com"])
    let event = signUp()
    XCTAssertTrue(try allowed.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try allowed.reports().last?["link"] as? String, "linked")
    XCTAssertEqual(try allowed.lastOutcome(), "admitted")
  }

  func testACognitoThatRefusesOrIsSilentCostsNobodyTheSignUp() throws {
    let database = try TestDatabase()
    let denied = Array(#"{"__type":"AccessDeniedException","Message":"ada@example.com"}"#.utf8)
    for (step, problem) in [
      (ScriptedServer.Step.answer(400, body: denied), "cognito-idp:ListUsers"),
      (.silence, "Cognito did not answer in time"),
    ] {
      let server = try ScriptedServer(Array(repeating: step, count: 9))
      let function = try function(on: database, server, ["SYNC_BUDGET_MS": "2000"])
      let event = signUp()
      XCTAssertTrue(try function.invoke(event, within: .seconds(4)).echoes(event.bytes))
      let report = try XCTUnwrap(function.reports().last)
      XCTAssertEqual(report["link"] as? String, "failed")
      XCTAssertEqual(report["level"] as? String, "WARN")
      XCTAssertTrue((report["problem"] as? String)?.contains(problem) == true, "\(report)")
      XCTAssertEqual(try metric("LinkFailed", of: function), 1)
      XCTAssertEqual(server.requests.count, 1)
      XCTAssertFalse(function.logText.contains("@"))
    }
  }

  func testOffItAsksNobodyAndWrongItDoesNotStart() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer([])
    let off = try function(on: database, server, ["LINK_PROVIDERS": ""])
    let event = signUp()
    XCTAssertTrue(try off.invoke(event).echoes(event.bytes))
    XCTAssertNil(try off.reports().last?["link"])
    XCTAssertNil(try metric("Linked", of: off))
    XCTAssertEqual(server.requests.count, 0)
    for (more, text) in [
      (["LINK_PROVIDERS": "My_Provider"], "LINK_PROVIDERS must be"),
      (["LINK_PROVIDERS": "okta", "LINK_SUBJECT_ATTRIBUTE": ""], "LINK_PROVIDERS names okta"),
      (["LINK_ANSWER": "no"], "LINK_ANSWER must be"),
      (
        ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""], "LINK_PROVIDERS cannot be followed"
      ),
    ] {
      let function = try function(on: database, server, more)
      XCTAssertThrowsError(try function.invoke(event), text) { error in
        guard case .initializationError(let body)? = error as? LocalRuntimeError else {
          return XCTFail("\(error)")
        }
        let message = String(decoding: body, as: UTF8.self)
        XCTAssertTrue(message.contains(text), message)
      }
    }
  }
}
