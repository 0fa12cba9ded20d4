import Clock
import CognitoAPI
import CognitoTriggers
import Foundation
import Synchronization
import TestSupport
import UserTable
import XCTest

@testable import Reconciliation

/// Whether Cognito, asked by name, still has a user.
final class PoolPresenceTests: XCTestCase {
  private func missing(_ name: String?, sub: String = UUID().uuidString) throws -> MissingUser {
    MissingUser(sub: try XCTUnwrap(Sub(sub.lowercased())), userName: name)
  }

  private func presence(
    _ steps: [ScriptedServer.Step], rate: Double = 1000, until stop: StopRequest = StopRequest(),
    waits: @escaping WaitNotice = { _, _ in }
  ) throws -> (PoolPresence, ScriptedServer) {
    let server = try ScriptedServer(steps)
    let pool = try XCTUnwrap(UserPoolID("eu-central-1_ExaMPLe01"))
    return (
      PoolPresence(
        in: pool, client: try CognitoClient(asking: "http://\(server.endpoint)"), rate: rate,
        until: stop,
        waits: waits), server
    )
  }

  private static func failure(_ name: String, status: Int = 400) -> ScriptedServer.Step {
    .answer(status, body: Array("{\"__type\": \"\(name)\"}".utf8))
  }

  func testWhoIsThereIsPresentAndWhoseNameIsAnothersIsGone() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let presence = PoolPresence(
      in: pool, client: try CognitoClient(asking: moto.endpoint), rate: 1000)
    let ada = try moto.createUser("ada", in: pool)
    let user = try missing("ada", sub: ada.sub)
    let before = Timestamp.now()
    let there = try presence.ask(about: user)
    XCTAssertEqual(there.0, .present)
    XCTAssertGreaterThanOrEqual(there.askedAt, before)
    XCTAssertLessThanOrEqual(there.askedAt, .now())
    try moto.deleteUser("ada", in: pool)
    XCTAssertEqual(try presence.ask(about: user).0, .gone)
    // The name is somebody else's by now.
    _ = try moto.createUser("ada", in: pool)
    XCTAssertEqual(try presence.ask(about: user).0, .gone)
  }

  /// What is no answer of Cognito's marks nobody.
  func testAUserWithoutASubIsNotGone() throws {
    for sub in ["", #"{"Name": "sub", "Value": "no UUID"}"#] {
      let user = #"{"Username": "ada", "UserAttributes": [\#(sub)]}"#
      let (presence, server) = try presence([.answer(200, body: Array(user.utf8))])
      XCTAssertThrowsError(try presence.ask(about: missing("ada")), sub) { error in
        XCTAssertEqual(error as? ListingError, .cognito(.malformedAnswer(.getUser)))
      }
      XCTAssertEqual(server.requests.count, 1)
    }
  }

  func testWhoHasNoNameIsNotAskedFor() throws {
    let (presence, server) = try presence([])
    XCTAssertEqual(try presence.ask(about: missing(nil)).0, .unknown)
    XCTAssertEqual(server.requests.count, 0)
  }

  /// What a trigger sees while Cognito answers is newer than the answer.
  func testTheAnswersTimeIsThatOfTheQuestion() throws {
    for isThere in [true, false] {
      let user = try missing("ada")
      let shown = """
        {"Username": "ada", "UserStatus": "CONFIRMED", "Enabled": true,
         "UserAttributes": [{"Name": "sub", "Value": "\(user.sub)"}]}
        """
      let server = try ScriptedServer([
        isThere ? .answer(200, body: Array(shown.utf8)) : Self.failure("UserNotFoundException")
      ])
      let relay = try TCPRelay(to: Int(server.port))
      relay.set(.hold)
      let pool = try XCTUnwrap(UserPoolID("eu-central-1_ExaMPLe01"))
      let presence = PoolPresence(
        in: pool, client: try CognitoClient(asking: "http://127.0.0.1:\(relay.port)"))
      let released = Mutex<Timestamp?>(nil)
      inBackground {
        try? eventually("a question on its way") { relay.isHolding }
        released.withLock { $0 = .now() }
        relay.set(.forward)
      }
      let began = Timestamp.now()
      let (answer, askedAt) = try presence.ask(about: user)
      XCTAssertEqual(answer, isThere ? .present : .gone)
      XCTAssertLessThanOrEqual(began, askedAt)
      XCTAssertLessThan(askedAt, try XCTUnwrap(released.withLock(\.self)))
    }
  }

  func testWhatNoWaitingMendsIsThrownAtOnce() throws {
    let cases: [(String, CognitoError)] = [
      ("AccessDeniedException", .accessDenied(.getUser)),
      ("ResourceNotFoundException", .resourceNotFound),
    ]
    for (name, error) in cases {
      let (presence, server) = try presence([Self.failure(name)])
      XCTAssertThrowsError(try presence.ask(about: missing("ada"))) { thrown in
        guard case .cognito(error)? = thrown as? ListingError else { return XCTFail("\(thrown)") }
      }
      XCTAssertEqual(server.requests.count, 1)
    }
  }

  func testWhatMayPassIsAskedForAgainAndTold() throws {
    for step in [
      Self.failure("TooManyRequestsException"), Self.failure("InternalErrorException", status: 500),
    ] {
      let told = Told()
      let (presence, server) = try presence(
        [step, Self.failure("UserNotFoundException")], waits: { _, _ in told.count() })
      XCTAssertEqual(try presence.ask(about: missing("ada")).0, .gone)
      XCTAssertEqual(server.requests.count, 2)
      XCTAssertEqual(told.times, 1)
    }
  }

  func testAWishToEndEndsTheWait() throws {
    let told = Told()
    let (presence, server) = try presence(
      [Self.failure("TooManyRequestsException")], until: StopRequest { told.times > 0 },
      waits: { _, _ in told.count() })
    XCTAssertThrowsError(try presence.ask(about: missing("ada"))) { thrown in
      guard case .interrupted? = thrown as? ListingError else { return XCTFail("\(thrown)") }
    }
    XCTAssertEqual(server.requests.count, 1)
  }

  func testQuestionsKeepTheirPaceAndSlowDownWhereTheyAreThrottled() throws {
    let gone = Self.failure("UserNotFoundException")
    func time(_ steps: [ScriptedServer.Step], questions: Int) throws -> Duration {
      let (presence, server) = try presence(steps, rate: 10)
      let began = Instant.now()
      for _ in 0..<questions { _ = try presence.ask(about: missing("ada")) }
      XCTAssertEqual(server.requests.count, steps.count)
      return began.elapsed
    }
    XCTAssertGreaterThanOrEqual(
      try time([gone, gone, gone], questions: 3), .milliseconds(200))
    let throttled = Self.failure("TooManyRequestsException")
    // After one 5 a second, after two 2.5, and then a little more.
    XCTAssertGreaterThanOrEqual(
      try time([throttled, throttled, gone, gone], questions: 2), .milliseconds(200 + 400 + 370))
  }

  /// How often something was told, from any thread.
  private final class Told: @unchecked Sendable {
    private let lock = NSLock()
    private var number = 0
    func count() { lock.withLock { number += 1 } }
    var times: Int { lock.withLock { number } }
  }
}
