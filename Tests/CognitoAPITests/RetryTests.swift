import AWS
import Clock
import CognitoAPI
import JSON
import TestSupport
import XCTest

final class RetryTests: XCTestCase {
  func testWhatPassesByItselfIsTriedAgainUntilItSucceeds() throws {
    let cognito = try ScriptedCognito([
      ScriptedCognito.error("TooManyRequestsException"), .answer(429), .answer(503),
      ScriptedCognito.error("InternalErrorException", 500), .hangUp,
      ScriptedCognito.error("ThrottlingException"), ScriptedCognito.success,
    ])
    XCTAssertNil(try cognito.failure())
    XCTAssertEqual(cognito.server.requests.count, 7)
    XCTAssertEqual(Set(cognito.server.requests.map(\.body)).count, 1)
  }

  func testEveryAttemptIsSigned() throws {
    let cognito = try ScriptedCognito([
      .answer(500), .hangUp, ScriptedCognito.error("ThrottlingException"), ScriptedCognito.success,
    ])
    XCTAssertNil(try cognito.failure())
    let signature = AWSSignature(
      service: "cognito-idp", region: "eu-central-1", credentials: ScriptedCognito.keys)
    XCTAssertEqual(
      try BotocoreSignatures.violations(in: cognito.server.requests, signature: signature),
      [[], [], [], []])
  }

  func testWhatDoesNotPassIsNotTriedAgain() throws {
    let rows: [(step: ScriptedServer.Step, error: CognitoError)] = [
      (ScriptedCognito.error("ResourceNotFoundException"), .resourceNotFound),
      (ScriptedCognito.error("AccessDeniedException"), .accessDenied(.listUsers)),
      (ScriptedCognito.error("NewException"), .other(type: "NewException", status: 400)),
      (.answer(200, body: Array("<html>".utf8)), .malformedAnswer(.listUsers)),
      (.answer(200, body: Array("{}".utf8)), .malformedAnswer(.listUsers)),
      (.answer(200), .malformedAnswer(.listUsers)),
      (.answer(302, headers: ["Location: http://127.0.0.1:1/"]), .other(type: nil, status: 302)),
      (.answer(400, body: [0xFF, 0x00]), .other(type: nil, status: 400)),
      (
        .answer(200, body: Array(#"{"Users":[],"PaginationToken":1}"#.utf8)),
        .malformedAnswer(.listUsers)
      ),
      (
        .answer(200, body: [UInt8](repeating: 0x20, count: (64 << 20) + 1)),
        .transport(.bodyTooLarge(limit: 64 << 20))
      ),
    ]
    for row in rows {
      let cognito = try ScriptedCognito([row.step])
      XCTAssertEqual(try cognito.failure(), row.error)
      XCTAssertEqual(cognito.server.requests.count, 1, "\(row.error)")
    }
  }

  func testEveryAttemptThatIsRepeatedIsTold() throws {
    let cognito = try ScriptedCognito([
      .answer(502), ScriptedCognito.error("ThrottlingException"), ScriptedCognito.success,
      ScriptedCognito.error("AccessDeniedException"),
    ])
    var told: [CognitoError] = []
    let deadline = Deadline.after(.seconds(60))
    cognito.client.willRetry = { error, end in
      told.append(error)
      XCTAssertEqual(end, deadline)
    }
    XCTAssertNil(try cognito.failure(until: deadline))
    XCTAssertEqual(told, [.internalError(status: 502), .throttled])
    // What is not repeated is thrown, not told.
    XCTAssertEqual(try cognito.failure(until: deadline), .accessDenied(.listUsers))
    XCTAssertEqual(told.count, 2)
  }

  func testACallThatIsGivenUpIsNotTriedAgain() throws {
    // Before the wait, and in it.
    for questions in [1, 2] {
      let cognito = try ScriptedCognito(
        [.answer(502), .answer(503)], backOff: BackOff(base: .seconds(50), cap: .seconds(50)))
      var asked = 0
      cognito.client.isCancelled = {
        asked += 1
        return asked >= questions
      }
      var told = 0
      cognito.client.willRetry = { _, _ in told += 1 }
      XCTAssertEqual(try cognito.failure(), .internalError(status: 502))
      XCTAssertEqual(cognito.server.requests.count, 1)
      XCTAssertEqual(told, questions - 1, "nobody is told of what is not going to be")
    }
  }

  func testWithoutABackOffNothingIsTriedAgain() throws {
    let cognito = try ScriptedCognito([ScriptedCognito.error("ThrottlingException")], backOff: nil)
    XCTAssertEqual(try cognito.failure(), .throttled)
    XCTAssertEqual(cognito.server.requests.count, 1)
  }

  /// Not that time has run out: what is wrong says more.
  func testAtTheDeadlineTheLastErrorIsThrown() throws {
    let throttled = (0..<10_000).map { _ in ScriptedCognito.error("ThrottlingException") }
    let cognito = try ScriptedCognito(throttled)
    let start = Instant.now()
    XCTAssertEqual(try cognito.failure(until: .after(.milliseconds(200))), .throttled)
    XCTAssertLessThan(start.elapsed, .seconds(30))
    XCTAssertGreaterThan(cognito.server.requests.count, 1)
  }

  func testSilenceAfterAnErrorDoesNotHideIt() throws {
    let cognito = try ScriptedCognito([.answer(503), .silence])
    XCTAssertEqual(
      try cognito.failure(until: .after(.milliseconds(300))), .internalError(status: 503))
    XCTAssertEqual(cognito.server.requests.count, 2)
  }

  func testAWaitThatIsLongerThanWhatIsLeftIsNotBegun() throws {
    let cognito = try ScriptedCognito(
      [ScriptedCognito.error("ThrottlingException"), ScriptedCognito.error("ThrottlingException")],
      backOff: BackOff(base: .seconds(1_000_000), cap: .seconds(1_000_000)))
    let start = Instant.now()
    XCTAssertEqual(try cognito.failure(until: .after(.seconds(60))), .throttled)
    XCTAssertLessThan(start.elapsed, .seconds(60))
  }

  func testSilenceEndsAtTheDeadline() throws {
    let cognito = try ScriptedCognito([.silence])
    let start = Instant.now()
    XCTAssertEqual(try cognito.failure(until: .after(.milliseconds(200))), .timedOut)
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testAPastDeadlineAsksNobody() throws {
    let cognito = try ScriptedCognito([ScriptedCognito.success])
    XCTAssertEqual(try cognito.failure(until: .after(.seconds(-1))), .timedOut)
    XCTAssertEqual(cognito.server.requests.count, 0)
  }

  func testNobodyThereIsATransportError() throws {
    let port = try TCPRelay.unusedPort()
    let client = try CognitoClient(
      credentials: CredentialsSource { _ in ExpiringCredentials(ScriptedCognito.keys) },
      endpoint: .url("http://127.0.0.1:\(port)"), version: "1")
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    XCTAssertThrowsError(try client.listUsers(in: pool, until: .after(.milliseconds(300)))) {
      guard case CognitoError.transport(.transport(7, _)) = $0 else { return XCTFail("\($0)") }
    }
  }

  func testAMalformedUserDoesNotHideTheOthers() throws {
    let cognito = try ScriptedCognito([
      .answer(
        200,
        body: Array(#"{"Users":[{"Username":"a"},7,{"Username":"b"}],"PaginationToken":"t"}"#.utf8)),
      ScriptedCognito.success,
    ])
    let pool = try XCTUnwrap(UserPoolID(ScriptedCognito.pool))
    let page = try cognito.client.listUsers(
      in: pool, limit: 3, after: nil, until: .after(.seconds(60)))
    XCTAssertEqual(page.users.map { try? $0.get().username }, ["a", nil, "b"])
    XCTAssertEqual(page.nextToken, "t")
    _ = try cognito.client.listUsers(in: pool, after: "t", until: .after(.seconds(60)))
    XCTAssertEqual(
      cognito.server.requests.map { String(decoding: $0.body, as: UTF8.self) },
      [
        #"{"Limit":3,"UserPoolId":"eu-central-1_ExaMPLe01"}"#,
        #"{"Limit":60,"PaginationToken":"t","UserPoolId":"eu-central-1_ExaMPLe01"}"#,
      ])
    XCTAssertEqual(
      cognito.server.requests.map { $0.headers["x-amz-target"] },
      Array(repeating: "AWSCognitoIdentityProviderService.ListUsers", count: 2))
    XCTAssertEqual(
      cognito.server.requests.map { $0.headers["content-type"] },
      Array(repeating: "application/x-amz-json-1.1", count: 2))
    XCTAssertEqual(
      cognito.server.requests.map { $0.headers["user-agent"] }, ["pooltable/1", "pooltable/1"])
    XCTAssertEqual(cognito.server.requests.map(\.connection), [1, 1])
  }
}
