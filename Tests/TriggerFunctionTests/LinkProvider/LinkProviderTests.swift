import AWS
import Clock
import CognitoAPI
import CognitoTriggers
import JSON
import LambdaRuntime
import TestSupport
import UserTable
import XCTest

@testable import TriggerFunction

/// The calls, with every refusal, and what is made of each: a scripted Cognito plays them.
final class LinkProviderTests: XCTestCase {
  private typealias Step = ScriptedServer.Step

  private static func listed(_ users: JSONValue...) -> Step { page(users) }
  private static func page(_ users: [JSONValue], token: String? = nil) -> Step {
    var members: [JSONKey: JSONValue] = ["Users": .array(users)]
    if let token { members["PaginationToken"] = .string(token) }
    return .answer(200, body: Array(JSONValue.object(members).jsonText.utf8))
  }
  private static func asked(
    status: String = "CONFIRMED", enabled: Bool = true, _ changes: [String: String] = [:]
  ) -> Step {
    let attributes: [String: String?] = [
      "sub": LinkScene.sub, "email": LinkScene.address, "email_verified": "true",
    ]
    let user = LinkScene.json(
      status: status, enabled: enabled, attributes.merging(changes) { $1 }, asAnswer: true)
    return .answer(200, body: Array(user.jsonText.utf8))
  }
  private static func refused(_ type: String) -> Step {
    .answer(400, body: Array(#"{"__type":"\#(type)","message":"ada@example.com"}"#.utf8))
  }
  private static let found = listed(LinkScene.json())
  private static let done = Step.answer(200, body: Array("{}".utf8))
  private static let linked = #"[{"userId":"\#(LinkScene.subject)","providerName":"Google"}]"#

  private func provider(
    _ server: ScriptedServer, budget: Duration = .seconds(40), answer: LinkAnswer = .continue,
    backOff: BackOff? = BackOff(base: .milliseconds(1), cap: .milliseconds(5))
  ) throws -> LinkProvider {
    var settings = try LinkScene.settings()
    settings.answer = answer
    let client = try CognitoClient(
      credentials: CredentialsSource { _ in
        ExpiringCredentials(AWSCredentials(accessKeyID: "a", secretAccessKey: "b"))
      }, endpoint: .url("http://\(server.endpoint)"), version: "1", backOff: backOff)
    return LinkProvider(settings, cognito: client, budget: budget)
  }

  private func event(
    _ userName: String = "google_\(LinkScene.subject)", pool: String = LinkScene.pool,
    region: String? = "eu-central-1", attributes: [JSONKey: JSONValue] = [:]
  ) -> TriggerEvent {
    let own: [JSONKey: JSONValue] = [
      "email": .string(LinkScene.address), "email_verified": .string("true"),
    ]
    return TriggerEvent(
      sourceName: "PreSignUp_ExternalProvider", region: region, userPoolID: pool,
      userName: userName, attributes: UserAttributes(own.merging(attributes) { $1 }))
  }

  private func calls(_ server: ScriptedServer) -> String {
    server.requests.map { request in
      switch request.headers["x-amz-target"]?.split(separator: ".").last {
      case "ListUsers": "list"
      case "AdminGetUser": "get"
      case "AdminLinkProviderForUser": "link"
      default: "?"
      }
    }.joined(separator: " ")
  }

  func testEveryAnswerOfCognitosHasItsResult() throws {
    let bob = LinkScene.json(
      "bob", ["sub": "9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11", "email": LinkScene.address])
    let rows: [(steps: [Step], result: LinkResult, calls: String, namesNative: Bool)] = [
      ([Self.found, Self.asked(), Self.done], .linked, "list get link", true),
      ([Self.listed()], .nobody, "list", false),
      (
        [Self.page([], token: "1"), Self.found, Self.asked(), Self.done], .linked,
        "list list get link", true
      ),
      (
        [Self.page([LinkScene.json()], token: "1"), Self.listed(bob)], .doubt(.ambiguous),
        "list list", false
      ),
      // The listing lags behind.
      ([Self.found, Self.asked(status: "UNCONFIRMED")], .doubt(.unconfirmed), "list get", true),
      ([Self.found, Self.asked(enabled: false)], .doubt(.disabled), "list get", true),
      (
        [Self.found, Self.asked(["email_verified": "false"])], .doubt(.addressUnverified),
        "list get", true
      ),
      ([Self.found, Self.asked(["email": "bob@example.com"])], .doubt(.changed), "list get", true),
      ([Self.found, Self.refused("UserNotFoundException")], .doubt(.changed), "list get", true),
      (
        [Self.found, Self.asked(["identities": Self.linked])], .doubt(.alreadyLinked), "list get",
        true
      ),
      // Linked by another attempt meanwhile, at which this one is refused.
      (
        [
          Self.found, Self.asked(), Self.refused("InvalidParameterException"),
          Self.asked(["identities": Self.linked]),
        ],
        .linked, "list get link get", true
      ),
      // Only for a moment.
      (
        [
          Self.found, Self.asked(), Self.refused("ConcurrentModificationException"), Self.asked(),
          Self.done,
        ],
        .linked, "list get link get link", true
      ),
      // Once, and not for ever.
      (
        [Self.found, Self.asked()] + [
          Self.refused("AliasExistsException"), Self.asked(), Self.refused("AliasExistsException"),
        ],
        .doubt(.ownUser), "list get link get link", true
      ),
      (
        [
          Self.found, Self.asked(), Self.refused("LimitExceededException"), Self.asked(),
          Self.refused("LimitExceededException"),
        ],
        .doubt(.full), "list get link get link", true
      ),
      // No longer right when it is looked at again.
      (
        [
          Self.found, Self.asked(), Self.refused("AliasExistsException"),
          Self.asked(status: "RESET_REQUIRED"),
        ],
        .doubt(.unconfirmed), "list get link get", true
      ),
      (
        [
          Self.found, Self.asked(), Self.refused("UserNotFoundException"),
          Self.refused("UserNotFoundException"),
        ],
        .doubt(.changed), "list get link get", true
      ),
      (
        [
          Self.found, Self.asked(), Self.refused("InvalidParameterException"), Self.asked(),
          Self.refused("InvalidParameterException"),
        ],
        .failed(.invalidParameter(.linkProvider)), "list get link get link", true
      ),
      (
        [Self.found, Self.asked(), Self.refused("NotAuthorizedException")],
        .failed(.notAuthorized(.linkProvider)), "list get link", true
      ),
      ([Self.refused("AccessDeniedException")], .failed(.accessDenied(.listUsers)), "list", false),
      (
        [Self.found, Self.refused("AccessDeniedException")], .failed(.accessDenied(.getUser)),
        "list get", true
      ),
      (
        [Self.found, Self.asked(), Self.refused("AccessDeniedException")],
        .failed(.accessDenied(.linkProvider)), "list get link", true
      ),
      ([Self.refused("ResourceNotFoundException")], .failed(.resourceNotFound), "list", false),
      ([Self.listed(.number(7))], .failed(.malformedAnswer(.listUsers)), "list", false),
      (
        [Self.listed(LinkScene.json("ada", ["email": LinkScene.address]))],
        .failed(.malformedAnswer(.listUsers)), "list", false
      ),
      (
        [Self.found, .answer(200, body: Array("<html>".utf8))], .failed(.malformedAnswer(.getUser)),
        "list get", true
      ),
      // What passes by itself is tried again.
      (
        [
          Self.refused("TooManyRequestsException"), Self.found, .answer(503), Self.asked(),
          Self.refused("ThrottlingException"), Self.done,
        ],
        .linked, "list list get get link link", true
      ),
    ]
    for (index, row) in rows.enumerated() {
      let server = try ScriptedServer(row.steps)
      let report = try provider(server).perform(for: event(), until: .after(.seconds(60)))
      XCTAssertEqual(report.result, row.result, "\(index)")
      XCTAssertEqual(calls(server), row.calls, "\(index)")
      let native = try XCTUnwrap(Sub(LinkScene.sub))
      XCTAssertEqual(
        report.native, row.namesNative ? UserKey(userPoolID: LinkScene.pool, sub: native) : nil,
        "\(index)")
    }
  }

  func testTheLinkNamesTheProviderAsThePoolDoesAndTheUserByName() throws {
    let server = try ScriptedServer([
      Self.listed(LinkScene.json("2cd063a7")), Self.asked(), Self.done,
    ])
    _ = try provider(server).perform(for: event(), until: .after(.seconds(60)))
    let bodies = try server.requests.map { try JSONValue(parsing: $0.body).object ?? [:] }
    XCTAssertEqual(bodies[0]["Filter"], .string(#"email = "ada@example.com""#))
    XCTAssertEqual(bodies[1]["Username"], .string("2cd063a7"))
    XCTAssertEqual(
      bodies[2]["DestinationUser"]?.object?["ProviderAttributeValue"], .string("2cd063a7"))
    XCTAssertEqual(bodies[2]["SourceUser"]?.object?["ProviderName"], .string("Google"))
    XCTAssertEqual(
      bodies[2]["SourceUser"]?.object?["ProviderAttributeValue"], .string(LinkScene.subject))
  }

  func testWhatIsDoubtfulBeforehandCostsNoCall() throws {
    let server = try ScriptedServer([])
    let provider = try provider(server)
    let rows: [(TriggerEvent, LinkResult)] = [
      (event("Facebook_1"), .doubt(.notListed)), (event("google_x"), .doubt(.subject)),
      (event("acmesaml_ada"), .doubt(.capitals)),
      (event(attributes: ["email_verified": .string("false")]), .doubt(.unverified)),
      (event(attributes: ["email": .null]), .doubt(.noAddress)),
      (event(attributes: ["email": .string("\"x\"@example.com")]), .doubt(.oddAddress)),
      (event(pool: "no pool"), .noRegion), (event(region: "eu-west-1"), .secondary),
    ]
    for (event, result) in rows {
      XCTAssertEqual(
        provider.perform(for: event, until: .after(.seconds(60))),
        LinkProvider.Report(result: result))
    }
    XCTAssertEqual(
      provider.perform(for: event(), until: .after(.milliseconds(300))).result, .postponed)
    XCTAssertEqual(server.requests.count, 0)
  }

  func testASilentCognitoMayHaveHalfOfTheBudget() throws {
    for steps: [Step] in [
      [.silence], [Self.found, .silence], [Self.found, Self.asked(), .silence],
    ] {
      let server = try ScriptedServer(steps)
      let start = Instant.now()
      let report = try provider(server, budget: .milliseconds(1400))
        .perform(for: event(), until: .after(.seconds(60)))
      XCTAssertEqual(report.result, .failed(.timedOut))
      XCTAssertGreaterThanOrEqual(start.elapsed, .milliseconds(700))
      XCTAssertLessThan(start.elapsed, .seconds(10))
      XCTAssertEqual(server.requests.count, steps.count)
    }
  }

  func testOnlyALinkIsAnsweredWithAnErrorAndOnlyWhereThatIsAskedFor() throws {
    let server = try ScriptedServer([])
    let allowed = InvocationAnswer.replaced([1])
    for (answer, result, expected) in [
      (LinkAnswer.continue, LinkResult.linked, allowed), (.retry, .linked, .failure(.signInAgain)),
      (.retry, .doubt(.alreadyLinked), allowed), (.retry, .failed(.timedOut), allowed),
      (.retry, .nobody, allowed),
    ] {
      XCTAssertEqual(
        try provider(server, answer: answer).answer(after: result, instead: allowed), expected)
    }
  }

  func testWhatIsToldAndCounted() {
    let rows: [(result: LinkResult, name: String, isDoubt: Bool, isFailure: Bool, isTold: Bool)] = [
      (.linked, "linked", false, false, false), (.nobody, "nobody", false, false, false),
      (.doubt(.notListed), "notListed", false, false, false),
      (.doubt(.ambiguous), "ambiguous", true, false, false),
      (.doubt(.capitals), "capitals", true, false, true),
      (.doubt(.subject), "subject", true, false, true),
      (.failed(.timedOut), "failed", false, true, true), (.postponed, "no time", false, true, true),
      (.secondary, "secondary", false, false, false), (.noRegion, "no region", false, true, true),
    ]
    for row in rows {
      XCTAssertEqual(row.result.name, row.name)
      XCTAssertEqual(row.result.isDoubt, row.isDoubt, row.name)
      XCTAssertEqual(row.result.isFailure, row.isFailure, row.name)
      XCTAssertEqual(row.result.problem != nil, row.isTold, row.name)
    }
  }
}
