import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `DATABASE_AUTH=iam` in the real binary, against a server that asks for the password as RDS does.
final class IAMTests: XCTestCase {
  private static let environment = [
    "DATABASE_AUTH": "iam", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "canary-key", "AWS_SESSION_TOKEN": "canary/token+=",
  ]

  private func function(
    port: Int, query: String = "", _ changes: [String: String] = [:]
  ) throws -> FunctionUnderTest {
    let url = "postgresql://l%C3%A4mbda@127.0.0.1:\(port)/app\(query)"
    return try FunctionUnderTest(
      environment: Self.environment.merging(["DATABASE_URL": url]) { $1 }.merging(changes) { $1 })
  }

  /// The parameter of a presigned URL, as it stands there.
  private func parameter(_ name: String, of token: String) -> String? {
    token.split(separator: "&").first { $0.hasPrefix("\(name)=") }
      .map { String($0.dropFirst(name.count + 1)) }
  }

  func testEveryConnectionLogsInWithATokenOfItsOwnAsBotocoreWouldMakeIt() throws {
    let database = try TokenDatabase()
    let relay = try TLSRelay(to: database.port)
    // Every connection counts as idle for too long.
    let function = try function(port: relay.port, ["CONNECTION_IDLE_LIMIT_MS": "1"])
    for _ in 1...2 {
      let event = TestEvent()
      XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
      XCTAssertEqual(try function.lastOutcome(), "inserted", function.logText)
      // To the next second of the token's clock.
      usleep(1_100_000)
    }
    let tokens = database.tokens
    XCTAssertGreaterThanOrEqual(Set(tokens).count, 2)
    let expected = try BotocoreTokens.tokens(
      for: tokens.map { token in
        TokenRequest(
          host: "127.0.0.1", port: relay.port, user: "lämbda", region: "eu-central-1",
          accessKeyID: "AKIDEXAMPLE", secretAccessKey: "canary-key",
          sessionToken: "canary/token+=", date: try XCTUnwrap(parameter("X-Amz-Date", of: token)))
      })
    XCTAssertEqual(tokens, expected)
    XCTAssertTrue(tokens.allSatisfy { parameter("X-Amz-Expires", of: $0) == "900" })
    XCTAssertFalse(function.logText.contains("canary"))
  }

  func testARefusedTokenNamesTheGrantAndThePermissionAndIsMadeAnewNextTime() throws {
    let database = try TokenDatabase()
    let relay = try TLSRelay(to: database.port)
    database.set(acceptsTokens: false)
    let function = try function(port: relay.port)
    guard
      case .error("Function.DatabaseUnavailable", _) = try function.invoke(
        TestEvent("PostConfirmation_ConfirmSignUp")
      ).kind
    else { return XCTFail("answered as if written") }
    let problem = try XCTUnwrap(try function.reports().last?["problem"] as? String)
    for part in ["28000", "rds_iam", "rds-db:connect"] {
      XCTAssertTrue(problem.contains(part), problem)
    }
    XCTAssertFalse(function.logText.contains("canary"))
    XCTAssertFalse(function.logText.contains("X-Amz"))

    database.set(acceptsTokens: true)
    _ = try function.invoke(TestEvent())
    XCTAssertEqual(try function.lastOutcome(), "inserted")
  }

  func testWithoutTLSNoTokenIsSent() throws {
    let database = try TokenDatabase()
    let function = try function(port: database.port)
    _ = try function.invoke(TestEvent())
    XCTAssertEqual(try function.lastOutcome(), "failed")
    XCTAssertEqual(database.tokens, [])
    let problem = try XCTUnwrap(try function.reports().last?["problem"] as? String)
    XCTAssertTrue(problem.contains("SSL"), problem)
  }

  func testAModeThatLetsTheTokenGoInTheClearStopsTheStart() throws {
    let database = try TokenDatabase()
    for mode in ["disable", "allow", "prefer"] {
      for (query, changes, name) in [
        ("?sslmode=\(mode)", [:], "DATABASE_URL"), ("", ["PGSSLMODE": mode], "PGSSLMODE"),
      ] as [(String, [String: String], String)] {
        let function = try function(port: database.port, query: query, changes)
        XCTAssertThrowsError(try function.invoke(TestEvent()), mode) { error in
          guard case .initializationError(let body)? = error as? LocalRuntimeError else {
            return XCTFail("\(mode): \(error)")
          }
          let text = String(decoding: body, as: UTF8.self)
          XCTAssertTrue(text.contains("\(name) lets the connection go without TLS"), text)
        }
      }
    }
    XCTAssertEqual(database.tokens, [])
  }

  func testAMissingVariableStopsTheStartByName() throws {
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
      let function = try function(port: 1, [name: ""])
      XCTAssertThrowsError(try function.invoke(TestEvent()), name) { error in
        guard case .initializationError(let body)? = error as? LocalRuntimeError else {
          return XCTFail("\(name): \(error)")
        }
        XCTAssertTrue(String(decoding: body, as: UTF8.self).contains(name))
      }
    }
  }
}
