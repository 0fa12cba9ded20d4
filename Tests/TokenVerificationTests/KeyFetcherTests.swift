import CognitoAPI
import CognitoTriggers
import TestSupport
import XCTest

@testable import TokenVerification

final class KeyFetcherTests: XCTestCase {
  private func fetch(
    _ steps: [ScriptedServer.Step], within limit: Duration = .seconds(5)
  ) throws -> (Result<JSONWebKeySet, KeyFailure>, ScriptedServer) {
    let server = try ScriptedServer(steps)
    let pool = try XCTUnwrap(CognitoTriggers.UserPoolID("eu-central-1_a"))
    let issuers = PoolIssuers(
      of: pool, alsoIn: [], service: .cognito, endpoint: .url("http://\(server.endpoint)"))
    let fetcher = try KeyFetcher(version: "1", certificates: nil)
    let issuer = try XCTUnwrap(issuers.all.first)
    do {
      return (.success(try fetcher.keys(of: issuer, until: .after(limit))), server)
    } catch {
      return (.failure(error), server)
    }
  }

  private func cause(_ steps: ScriptedServer.Step...) throws -> KeyFailure.Cause? {
    guard case .failure(let failure) = try fetch(steps).0 else { return nil }
    XCTAssertEqual(failure.place, "127.0.0.1")
    return failure.cause
  }

  func testOneRequestWithoutKeysOfAWSs() throws {
    let body = Array(try PyJWTTokens.signed([]).keySet.utf8)
    let (result, server) = try fetch([.answer(200, body: body)])
    XCTAssertEqual(try result.get().keys.count, 7)
    let request = try XCTUnwrap(server.requests.first)
    XCTAssertEqual(server.requests.count, 1)
    XCTAssertEqual(request.line, "GET /eu-central-1_a/.well-known/jwks.json")
    XCTAssertEqual(request.headers["user-agent"], "pooltable/1")
    XCTAssertNil(request.headers["authorization"])
  }

  func testWhatIsNoAnswer() throws {
    XCTAssertEqual(try cause(.answer(500)), .status(500))
    XCTAssertEqual(
      try cause(.answer(302, headers: ["Location: http://127.0.0.1:1/"])), .status(302),
      "a redirect is not followed")
    XCTAssertEqual(try cause(.answer(200, body: Array("<html>".utf8))), .notAKeySet)
    XCTAssertEqual(try cause(.answer(200, body: Array(#"{"keys":[]}"#.utf8))), .noUsableKey)
    XCTAssertEqual(
      try cause(.answer(200, body: [UInt8](repeating: 0x20, count: 1 << 20 + 1))),
      .transport(.bodyTooLarge(limit: 1 << 20)))
    guard case .transport? = try cause(.hangUp) else { return XCTFail("no failure") }
  }

  func testSilenceEndsWithTheDeadline() throws {
    let start = ContinuousClock.now
    guard case .failure(let failure) = try fetch([.silence], within: .milliseconds(300)).0 else {
      return XCTFail("no failure")
    }
    XCTAssertEqual(failure.cause, .transport(.timedOut))
    XCTAssertLessThan(start.duration(to: .now), .seconds(4), "not the fetcher's own 5 seconds")
  }
}
