import XCTest

@testable import Postgres

/// Always the same order, which is not the given one.
private struct CountingGenerator: RandomNumberGenerator {
  var last: UInt64 = 0
  mutating func next() -> UInt64 {
    last &+= 0x9E37_79B9_7F4A_7C15
    return last
  }
}

final class ConnectionAttemptsTests: XCTestCase {
  /// How one address of a host goes.
  private enum Fate {
    case works, silent, refuses, startsUp, isPrimary
  }

  /// What is tried, as `host/address`, until one works or none is left.
  private func run(
    _ hosts: [(name: String, [Fate])], prefersStandby: Bool = false
  ) throws -> (tried: [String], error: PostgresError?) {
    var generator = CountingGenerator()
    var attempts = ConnectionAttempts(
      at: hosts.map { Endpoint(host: $0.name, port: "1") }, prefersStandby: prefersStandby,
      using: &generator)
    var tried: [String] = []
    while true {
      switch attempts.next() {
      case .host(let host, _):
        guard host.address == nil, let found = hosts.first(where: { $0.name == host.host }) else {
          attempts.found([host], using: &generator)
          continue
        }
        guard !found.1.isEmpty else {
          tried.append("\(found.name)/?")
          attempts.failed(.timedOut(.resolve), .unreachable)
          continue
        }
        attempts.found(
          found.1.indices.map { Endpoint(host: host.host, address: "\($0)", port: "1") },
          using: &generator)
      case .address(let endpoint, _):
        let name = try XCTUnwrap(endpoint.host)
        let number = try XCTUnwrap(endpoint.address.flatMap { Int($0) })
        tried.append("\(name)/\(number)")
        let error: PostgresError
        switch try XCTUnwrap(hosts.first { $0.name == name }).1[number] {
        case .works:
          return (tried, nil)
        case .isPrimary where attempts.session == .any:
          return (tried, nil)
        case .isPrimary:
          error = .connectFailed(detail: "server is not in hot standby mode")
        case .silent:
          error = .timedOut(.connect)
        case .refuses:
          error = .connectionRefusedByServer(try XCTUnwrap(SQLState("28P01")))
        case .startsUp:
          error = .connectionRefusedByServer(try XCTUnwrap(SQLState("57P03")))
        }
        attempts.failed(error, AttemptFailure(error, isAnswered: true))
      case .giveUp(let error):
        return (tried, error)
      }
    }
  }

  func testWhatIsTriedInWhichOrderAndWhatEndsIt() throws {
    let table: [([(name: String, [Fate])], tried: [String], succeeds: Bool)] = [
      ([("a", [.works])], ["a/0"], true),
      ([("a", [.silent, .works]), ("b", [.works])], ["a/0", "a/1"], true),
      ([("a", [.silent, .silent]), ("b", [.works])], ["a/0", "a/1", "b/0"], true),
      // Not found, by its name.
      ([("a", []), ("b", [.works])], ["a/?", "b/0"], true),
      // A refused login ends it: neither another address nor another host.
      ([("a", [.refuses, .works]), ("b", [.works])], ["a/0"], false),
      ([("a", [.silent]), ("b", [.refuses]), ("c", [.works])], ["a/0", "b/0"], false),
      // A server that starts up is the same at its other addresses.
      ([("a", [.startsUp, .works]), ("b", [.works])], ["a/0", "b/0"], true),
      ([("a", [.startsUp]), ("b", [.silent])], ["a/0", "b/0"], false),
      ([], [], false),
    ]
    for (hosts, tried, succeeds) in table {
      let result = try run(hosts)
      XCTAssertEqual(result.tried, tried)
      XCTAssertEqual(result.error == nil, succeeds, "\(tried)")
    }
  }

  func testAStandbyIsPreferredAndAPrimaryTakenWhereThereIsNone() throws {
    let table: [([(name: String, [Fate])], tried: [String], succeeds: Bool)] = [
      ([("a", [.isPrimary]), ("b", [.works])], ["a/0", "b/0"], true),
      // The silent one is not waited for again.
      ([("a", [.silent]), ("b", [.isPrimary])], ["a/0", "b/0", "b/0"], true),
      ([("a", [.isPrimary, .works])], ["a/0", "a/0"], true),
      ([("a", [.silent])], ["a/0"], false),
      ([("a", [.isPrimary]), ("b", [.refuses])], ["a/0", "b/0"], false),
    ]
    for (hosts, tried, succeeds) in table {
      let result = try run(hosts, prefersStandby: true)
      XCTAssertEqual(result.tried, tried)
      XCTAssertEqual(result.error == nil, succeeds, "\(tried)")
    }
  }

  func testEveryHostAndAddressHasItsShareOfTheTime() {
    var generator = CountingGenerator()
    let (one, two) = (Endpoint(host: "a"), Endpoint(host: "b"))
    for (prefersStandby, kept) in [(false, 0), (true, 1)] {
      var attempts = ConnectionAttempts(
        at: [one, two], prefersStandby: prefersStandby, using: &generator)
      XCTAssertEqual(attempts.next(), .host(one, shares: 2 + kept))
      attempts.found([one, one, one], using: &generator)
      for shares in [3, 2, 1] {
        XCTAssertEqual(attempts.next(), .address(one, shares: shares))
        attempts.failed(.timedOut(.connect), .unreachable)
      }
      XCTAssertEqual(attempts.next(), .host(two, shares: 1 + kept))
    }
  }

  func testHostsAndAddressesAreShuffledWhereThatIsChosen() {
    let hosts = (0..<20).map { Endpoint(host: "\($0)") }
    var (generator, same) = (CountingGenerator(), CountingGenerator())
    var orders: [[String?]] = []
    for isShuffled in [false, true] {
      var attempts = ConnectionAttempts(at: hosts, isShuffled: isShuffled, using: &generator)
      var order: [String?] = []
      while case .host(let host, _) = attempts.next() {
        order.append(host.host)
        attempts.failed(.timedOut(.resolve), .unreachable)
      }
      orders.append(order)
    }
    XCTAssertEqual(orders[0], hosts.map(\.host))
    XCTAssertEqual(orders[1], hosts.shuffled(using: &same).map(\.host))
    XCTAssertNotEqual(orders[1], orders[0])

    var attempts = ConnectionAttempts(
      at: [Endpoint(host: "a")], isShuffled: true, using: &generator)
    _ = attempts.next()
    attempts.found(hosts, using: &generator)
    guard case .address = attempts.next() else { return XCTFail("no address") }
    var first = Set<String?>()
    for _ in 0..<50 {
      attempts.found(hosts, using: &generator)
      if case .address(let endpoint, _) = attempts.next() { first.insert(endpoint.host) }
    }
    XCTAssertGreaterThan(first.count, 1)
  }

  func testWhatAFailureMeansForTheOtherServers() throws {
    let text = "connection to server at \"127.0.0.1\", port 1 failed: "
    let table: [(PostgresError, isAnswered: Bool, AttemptFailure)] = [
      (.timedOut(.connect), false, .unreachable), (.timedOut(.connect), true, .unreachable),
      (.connectFailed(detail: text + "Connection refused"), false, .unreachable),
      (
        .connectFailed(detail: text + "server closed the connection unexpectedly; This probably"),
        true, .unreachable
      ),
      (
        .connectFailed(
          detail: text + "could not receive data from server: Connection reset by peer"),
        true, .unreachable
      ),
      (.connectFailed(detail: text + "SSL SYSCALL error: EOF detected"), true, .unreachable),
      (
        .connectFailed(detail: text + "SSL connection has been closed unexpectedly"), true,
        .unreachable
      ),
      (.connectFailed(detail: text + "session is read-only"), true, .wrongSession),
      (.connectFailed(detail: text + "session is not read-only"), true, .wrongSession),
      (.connectFailed(detail: text + "server is in hot standby mode"), true, .wrongSession),
      (.connectFailed(detail: text + "server is not in hot standby mode"), true, .wrongSession),
      (
        .connectFailed(detail: text + "server does not support SSL, but SSL was required"), true,
        .refused
      ),
      (.connectFailed(detail: text + "SSL error: certificate verify failed"), true, .refused),
    ]
    for (error, isAnswered, expected) in table {
      XCTAssertEqual(AttemptFailure(error, isAnswered: isAnswered), expected, "\(error)")
    }
    for code in ["28P01", "28000", "3D000", "53300", "57P01", "08P01"] {
      let error = PostgresError.connectionRefusedByServer(try XCTUnwrap(SQLState(code)))
      XCTAssertEqual(AttemptFailure(error, isAnswered: true), .refused, code)
    }
    let starting = PostgresError.connectionRefusedByServer(try XCTUnwrap(SQLState("57P03")))
    XCTAssertEqual(AttemptFailure(starting, isAnswered: true), .notReady)
  }

  func testTheErrorOfSeveralAttemptsNamesEachAndKeepsWhatEndedThem() throws {
    let error = try XCTUnwrap(
      try run([("a", [.silent]), ("b", [.startsUp]), ("c", [.refuses])]).error)
    // What can be done is said at the end, once.
    let text = error.description { $0.code == "28P01" ? "the remedy" : nil }
    for part in [
      "a (0), port 1: timed out (connect)", "b (0), port 1: the server refused", "57P03",
      "c (0), port 1: ", "28P01", "; the remedy)",
    ] {
      XCTAssertTrue(text.contains(part), text)
    }
    XCTAssertEqual(error.state?.code, "28P01")
    XCTAssertFalse(error.mayPass)

    let mayPass = try XCTUnwrap(try run([("a", [.startsUp]), ("b", [.silent])]).error)
    XCTAssertEqual(mayPass.state?.code, "57P03")
    XCTAssertTrue(mayPass.mayPass)
    let silent = try XCTUnwrap(try run([("a", [.silent]), ("b", [.silent])]).error)
    XCTAssertEqual(silent.decisive, .timedOut(.connect))
    XCTAssertEqual(try run([("a", [.silent])]).error, .timedOut(.connect))
  }
}
