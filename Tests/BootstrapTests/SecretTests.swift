import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `DATABASE_SECRET_ARN` in the real binary, with a real server and a stand-in for AWS's extension.
final class SecretTests: XCTestCase {
  private let plainPath =
    "/secretsmanager/get?secretId="
    + "arn%3Aaws%3Asecretsmanager%3Aeu-central-1%3A123456789012%3Asecret%3Adb%2Fapp%2B1-AbCdEf"

  private func function(
    _ database: TestDatabase, _ secrets: SecretsExtension, port: Int? = nil,
    _ changes: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    let url = "postgresql://127.0.0.1:\(port ?? database.serverPort)/\(database.name)"
    return try FunctionUnderTest(
      environment: secrets.environment.merging(["DATABASE_URL": url]) { $1 }
        .merging(changes) { $1 })
  }

  private func secrets(for database: TestDatabase) throws -> SecretsExtension {
    try SecretsExtension(user: database.handlerLogin, password: database.handlerPassword)
  }

  private func endConnections(of database: TestDatabase) throws {
    try database.execute(
      """
      SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE usename = '\(database.handlerLogin)'
      """)
  }

  /// At the database and in the secret.
  private func rotate(
    to password: String, in database: TestDatabase, _ secrets: SecretsExtension
  ) throws {
    try database.execute("ALTER ROLE \(database.handlerLogin) PASSWORD '\(password)'")
    secrets.rotate(
      toSecret: SecretsExtension.secret(user: database.handlerLogin, password: password))
  }

  private func assertWrites(
    _ function: FunctionUnderTest, file: StaticString = #filePath, line: UInt = #line
  ) throws {
    let event = TestEvent("PostConfirmation_ConfirmSignUp")
    XCTAssertTrue(
      try function.invoke(event).echoes(event.bytes), function.logText, file: file, line: line)
    XCTAssertEqual(try function.lastOutcome(), "inserted", file: file, line: line)
  }

  /// - Returns: the problem that the invocation's log line names.
  private func assertFails(
    _ function: FunctionUnderTest, file: StaticString = #filePath, line: UInt = #line
  ) throws -> String {
    let answer = try function.invoke(TestEvent("PostConfirmation_ConfirmSignUp"))
    guard case .error("Function.DatabaseUnavailable", _) = answer.kind else {
      XCTFail("\(answer.kind)", file: file, line: line)
      return ""
    }
    XCTAssertLessThan(answer.elapsed, .milliseconds(4200), file: file, line: line)
    XCTAssertFalse(function.logText.contains("canary"), function.logText, file: file, line: line)
    return try XCTUnwrap(try function.reports().last?["problem"] as? String, file: file, line: line)
  }

  func testTheLoginIsAskedForOnceAndKept() throws {
    let database = try TestDatabase()
    let secrets = try secrets(for: database)
    let function = try function(database, secrets)
    try assertWrites(function)
    try endConnections(of: database)
    try assertWrites(function)
    XCTAssertEqual(secrets.requests, [plainPath])
  }

  func testARotatedPasswordIsFetchedAnewOnceAndUsed() throws {
    let database = try TestDatabase()
    let secrets = try secrets(for: database)
    let function = try function(database, secrets)
    try assertWrites(function)
    for round in 1...2 {
      try rotate(to: "canary-\(round)", in: database, secrets)
      // The connection that stands is not touched by a rotation.
      try assertWrites(function)
      XCTAssertEqual(secrets.requests.count, round)
      try endConnections(of: database)
      try assertWrites(function)
      XCTAssertEqual(
        Array(secrets.requests.dropFirst(round)),
        ["\(plainPath)&versionStage=AWSCURRENT&refreshNow=true"])
    }
    try endConnections(of: database)
    try assertWrites(function)
    XCTAssertEqual(secrets.requests.count, 3)
    XCTAssertFalse(function.logText.contains("canary"))
  }

  func testAnUnreachableSecondHostDoesNotHideThatThePasswordWasRotated() throws {
    let database = try TestDatabase()
    let secrets = try secrets(for: database)
    let hosts = "127.0.0.1:\(database.serverPort),127.0.0.1:\(try TCPRelay.unusedPort())"
    let function = try function(
      database, secrets, ["DATABASE_URL": "postgresql://\(hosts)/\(database.name)"])
    try assertWrites(function)
    try rotate(to: "canary-new", in: database, secrets)
    try endConnections(of: database)
    try assertWrites(function)
    XCTAssertEqual(secrets.requests.count, 2)
    XCTAssertFalse(function.logText.contains("canary"))
  }

  func testAnExtensionThatDoesNotKnowRefreshNowIsAskedWithoutIt() throws {
    let database = try TestDatabase()
    let secrets = try secrets(for: database)
    secrets.set(.refusesRefresh)
    let function = try function(database, secrets)
    try assertWrites(function)
    try rotate(to: "canary-new", in: database, secrets)
    try endConnections(of: database)
    try assertWrites(function)
    XCTAssertEqual(secrets.requests.last, "\(plainPath)&versionStage=AWSCURRENT")
    XCTAssertEqual(secrets.requests.count, 3)
  }

  func testAPasswordThatStaysWrongCostsOneFetchAndNoSecondLogin() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let secrets = try SecretsExtension(user: database.handlerLogin, password: "canary-wrong")
    let function = try function(database, secrets, port: relay.port)
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    for _ in 1...2 {
      let (requests, connections) = (secrets.requests.count, relay.acceptedCount)
      let problem = try assertFails(function)
      XCTAssertTrue(problem.contains("28P01"), problem)
      XCTAssertTrue(problem.contains("check the user and the password"), problem)
      XCTAssertEqual(secrets.requests.count - requests, 1)
      XCTAssertEqual(relay.acceptedCount - connections, 1)
    }
    // A new one that is wrong as well is tried once.
    secrets.rotate(
      toSecret: SecretsExtension.secret(user: database.handlerLogin, password: "canary-other"))
    let (requests, connections) = (secrets.requests.count, relay.acceptedCount)
    XCTAssertTrue(try assertFails(function).contains("28P01"))
    XCTAssertEqual(secrets.requests.count - requests, 1)
    XCTAssertEqual(relay.acceptedCount - connections, 2)
    // By its policy a sign-in goes on.
    let event = TestEvent()
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    XCTAssertEqual(try function.lastOutcome(), "failed")
  }

  func testAnExtensionThatGoesSilentOrBreaksWhenThePasswordIsRotated() throws {
    let database = try TestDatabase()
    let secrets = try secrets(for: database)
    let function = try function(database, secrets)
    try assertWrites(function)
    try rotate(to: "canary-new", in: database, secrets)
    try endConnections(of: database)
    let faults: [(SecretsExtension.Behaviour, String)] = [
      (.silent, "does not answer"), (.answers(status: 500, body: "canary"), "answered 500"),
    ]
    for (behaviour, sign) in faults {
      secrets.set(behaviour)
      let count = secrets.requests.count
      let problem = try assertFails(function)
      XCTAssertTrue(problem.contains("refused the secret's password"), problem)
      XCTAssertTrue(problem.contains(sign), problem)
      XCTAssertEqual(secrets.requests.count - count, 1)
    }
    secrets.set(.serves)
    try assertWrites(function)
  }

  func testAnswersThatHoldNoLoginAreNamedWithTheirRemedyAndHealWithoutARestart() throws {
    let database = try TestDatabase()
    let faults: [(SecretsExtension.Behaviour, String)] = [
      (.silent, "AWS-Parameters-and-Secrets-Lambda-Extension"),
      (.answers(status: 400, body: "canary, not ready to serve traffic"), "is not ready yet"),
      (.answers(status: 400, body: "canary"), "DATABASE_SECRET_ARN"),
      (.answers(status: 403, body: "canary"), "secretsmanager:GetSecretValue"),
      (.answers(status: 404, body: "canary"), "DATABASE_SECRET_ARN"),
      (.answers(status: 200, body: "canary, no JSON"), "SecretString"),
      (.answers(status: 200, body: #"{"SecretString":"canary"}"#), "username and password"),
      (.answers(status: 200, body: String(repeating: "canary", count: 1 << 18)), "SecretString"),
    ]
    for (behaviour, remedy) in faults {
      let secrets = try secrets(for: database)
      secrets.set(behaviour)
      let function = try function(database, secrets)
      let problem = try assertFails(function)
      XCTAssertTrue(problem.contains(remedy), problem)
      let first = try XCTUnwrap(try function.logLines().first)
      XCTAssertEqual(first["message"] as? String, "no connection to the database yet")
      XCTAssertTrue((first["problem"] as? String)?.contains(remedy) == true, "\(first)")
      secrets.set(.serves)
      try assertWrites(function)
    }
  }

  func testWithoutTheExtensionTheLayerIsNamed() throws {
    let database = try TestDatabase()
    let port = "\(try TCPRelay.unusedPort())"
    let function = try function(
      database, try secrets(for: database), ["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": port])
    let problem = try assertFails(function)
    XCTAssertTrue(problem.contains("AWS-Parameters-and-Secrets-Lambda-Extension"), problem)
  }

  func testTheTokenMustBeTheFunctionsOwn() throws {
    let database = try TestDatabase()
    let secrets = try secrets(for: database)
    let function = try function(database, secrets, ["AWS_SESSION_TOKEN": "canary-other"])
    let problem = try assertFails(function)
    XCTAssertTrue(problem.contains("refused access"), problem)
    XCTAssertFalse(secrets.requests.isEmpty)
  }
}
