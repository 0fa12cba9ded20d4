import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// Faults of the network, played by a relay.
final class NetworkFaultTests: XCTestCase {
  private func trial(
    _ fault: String, _ database: TestDatabase, through relay: TCPRelay,
    environment: [String: String] = [:], temperatures: [FaultTrial.Temperature] = [.warm, .cold],
    hitsIdleProcess: Bool = false, mustBeWritten: Bool = false,
    inject: @escaping (TCPRelay) throws -> Void
  ) throws {
    try FaultTrial(
      fault: fault, database: database,
      databaseURL: database.urlForHandler(port: relay.port),
      environment: environment, temperatures: temperatures,
      inject: { try inject(relay) },
      heal: {
        relay.set(.forward)
        relay.cutConnections(abruptly: true)
      },
      hitsIdleProcess: hitsIdleProcess, mustBeWritten: mustBeWritten
    ).play()
  }

  /// How many bytes a server sends until a login is through.
  private func loginByteCount(_ database: TestDatabase) throws -> Int {
    let relay = try TCPRelay(to: database.serverPort)
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": database.urlForHandler(port: relay.port)
    ])
    try function.runtime.waitForNext(process: function.process, until: .after(.seconds(20)))
    return relay.serverByteCount
  }

  func testTheServerRefusesConnections() throws {
    let database = try TestDatabase()
    let port = try TCPRelay.unusedPort()
    var relay: TCPRelay? = try TCPRelay(to: database.serverPort, port: port)
    let url = database.urlForHandler(port: port)
    try FaultTrial(
      fault: "server refuses connections", database: database, databaseURL: url,
      inject: { relay?.stop() },
      heal: { relay = try TCPRelay(to: database.serverPort, port: port) },
      logged: "refused"
    ).play()
    withExtendedLifetime(relay) {}
  }

  func testPacketsAreDropped() throws {
    let database = try TestDatabase()
    let port = try TCPRelay.unusedPort()
    var relay: TCPRelay? = try TCPRelay(to: database.serverPort, port: port)
    var hole: SaturatedListener?
    try FaultTrial(
      fault: "packets are dropped", database: database,
      databaseURL: database.urlForHandler(port: port),
      inject: {
        relay?.stop()
        hole = try SaturatedListener(port: port)
      },
      heal: {
        hole = nil
        relay = try TCPRelay(to: database.serverPort, port: port)
      },
      logged: "timed out"
    ).play()
    withExtendedLifetime((relay, hole)) {}
  }

  func testAListenerThatNeverAnswers() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    try trial("listener never answers", database, through: relay) { relay in
      relay.cutConnections(abruptly: true)
      relay.set(.swallow)
    }
  }

  func testSilenceDuringTheTLSNegotiationAndTheAuthentication() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    // One byte answers the request for TLS; the authentication's first message has 24 more.
    for (fault, bytes) in [("silent during TLS", 1), ("silent during authentication", 25)] {
      try trial(fault, database, through: relay) { relay in
        relay.cutConnections(abruptly: true)
        relay.set(.swallowAfterServerBytes(bytes))
      }
    }
  }

  func testSilenceInTheMiddleOfAQuery() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    try trial("silent during the query", database, through: relay, temperatures: [.warm]) {
      $0.set(.swallow)
    }
    try trial("the query's answer is lost", database, through: relay, hitsIdleProcess: true) {
      $0.set(.swallowNextAnswer)
    }
    let login = try loginByteCount(database)
    try trial("silent during the query", database, through: relay, temperatures: [.cold]) {
      $0.set(.swallowAfterServerBytes(login))
    }
  }

  func testAConnectionCutWhileIdleCostsNobodyAnything() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    for (fault, abruptly) in [("reset while idle", true), ("closed while idle", false)] {
      try trial(fault, database, through: relay, hitsIdleProcess: true, mustBeWritten: true) {
        $0.cutConnections(abruptly: abruptly)
      }
    }
  }

  func testAConnectionCutInTheMiddleOfAQueryIsTriedAgain() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    for (fault, behaviour) in [
      ("reset during the query", TCPRelay.Behaviour.resetAfterNextRequest),
      ("closed during the query", .closeAfterNextRequest),
    ] {
      try trial(fault, database, through: relay, hitsIdleProcess: true, mustBeWritten: true) {
        $0.set(behaviour)
      }
      // The first request of a process is its first step of logging in.
      let duringLogin = fault.replacingOccurrences(of: "the query", with: "the login")
      try trial(duringLogin, database, through: relay, temperatures: [.cold]) {
        $0.set(behaviour)
      }
    }
  }

  func testAFrozenProcessFindsItsIdleConnectionGone() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let url = database.urlForHandler(port: relay.port)
    // Past the idle limit the connection is not even tried; within it, it costs half of the budget.
    for (fault, idleLimit, isWarm) in [
      ("frozen past the idle limit", "500", true), ("frozen past the idle limit", "500", false),
      ("frozen, not so long", "300000", true), ("frozen, not so long", "300000", false),
    ] {
      let function = try FunctionUnderTest(environment: [
        "DATABASE_URL": url, "CONNECTION_IDLE_LIMIT_MS": idleLimit,
      ])
      if isWarm {
        let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
        XCTAssertTrue(try function.invoke(event).echoes(event))
      }
      // Lambda may freeze a process between its start and its first event, too.
      try function.runtime.waitForNext(process: function.process, until: .after(.seconds(5)))
      function.process.send(signal: SIGSTOP)
      Deadline.after(.milliseconds(800)).sleep()
      // Dropped without a word, as network gear does it: the old connection never hears of it.
      relay.forgetConnections()
      function.process.send(signal: SIGCONT)
      let start = Instant.now()
      let next = TestEvent("PostConfirmation_ConfirmSignUp").bytes
      XCTAssertTrue(try function.invoke(next).echoes(next), function.logText)
      let elapsed = start.elapsed
      XCTAssertLessThan(elapsed, idleLimit == "500" ? .milliseconds(1500) : FaultTrial.limit)
      XCTAssertEqual(try function.lastOutcome(), "inserted")
      FaultTable.record(
        fault: fault, temperature: isWarm ? "warm" : "cold", elapsed: elapsed, seen: "nothing")
    }
  }
}
