import CognitoTriggers
import Foundation
import Synchronization
import TestSupport
import XCTest

/// Whatever is sent: an error or an event that PostgreSQL can take, and the process lives.
final class HostileInputTests: XCTestCase {
  private struct Tally {
    var decoded = 0
    var refused: [TriggerEventError: Int] = [:]

    mutating func add(_ other: Tally) {
      decoded += other.decoded
      refused.merge(other.refused, uniquingKeysWith: +)
    }
  }

  func testFiftyThousandSpoiledEventsAreRefusedOrRead() throws {
    let events = Array(try HostileEvents(seed: 20_261_121).prefix(50_000))
    let tally = Self.checkOnTwoThreads(events, limit: .seconds(10), stackSize: 8 << 20)
    // Were all refused, or all taken, nothing of the above would have been tried.
    XCTAssertGreaterThan(tally.decoded, 25_000)
    for error in TriggerEventError.allCases {
      XCTAssertGreaterThan(tally.refused[error] ?? 0, 20, "\(error)")
    }
  }

  func testFoundationAgreesOnWhatIsJSON() throws {
    let watchdog = Watchdog(limit: .seconds(10))
    var count = 0
    for event in try HostileEvents(seed: 4).prefix(10_000) where !event.isWellFormed {
      // What Foundation takes and RFC 8259 does not: another encoding, a byte order mark, a comma before
      // a brace. What it does not take: a number beyond Double, half a character.
      let text = String(decoding: event.bytes, as: UTF8.self).lowercased()
      let isDisputed = ["\0", "\u{FEFF}", ",}", "\\ud", "e3", "e9"].contains(where: text.contains)
      if isDisputed { continue }
      watchdog.begin(event.label)
      let isObject = (try? JSONSerialization.jsonObject(with: Data(event.bytes))) is [String: Any]
      do {
        _ = try TriggerEvent(event.bytes)
        XCTAssertTrue(isObject, "\(event.label): read though it is no JSON")
      } catch {
        XCTAssertEqual(isObject, error == .noTriggerSource, "\(event.label): \(error)")
      }
      count += 1
    }
    watchdog.end()
    XCTAssertGreaterThan(count, 1000)
  }

  func testExtremesAreRefusedOrReadOnASmallStack() throws {
    // What threads have on Alpine is 128 kB, on macOS 512 kB; Linux's main thread has 8 MB.
    _ = Self.checkOnTwoThreads(ExtremeEvents.all(), limit: .seconds(20), stackSize: 512 << 10)
  }

  /// - Parameter limit: of one event.
  private static func checkOnTwoThreads(
    _ events: [HostileEvent], limit: Duration, stackSize: Int
  ) -> Tally {
    let tally = Mutex(Tally())
    let finished = DispatchSemaphore(value: 0)
    for lane in 0..<2 {
      let thread = Thread {
        let watchdog = Watchdog(limit: limit)
        var own = Tally()
        for index in stride(from: lane, to: events.count, by: 2) {
          watchdog.begin(events[index].label)
          check(events[index], &own)
        }
        watchdog.end()
        tally.withLock { $0.add(own) }
        finished.signal()
      }
      thread.stackSize = stackSize
      thread.start()
    }
    for _ in 0..<2 { XCTAssertEqual(finished.wait(timeout: .now() + 300), .success) }
    return tally.withLock(\.self)
  }

  private static func check(_ hostile: HostileEvent, _ tally: inout Tally) {
    let event: TriggerEvent
    do {
      event = try TriggerEvent(hostile.bytes)
    } catch {
      tally.refused[error, default: 0] += 1
      if hostile.isWellFormed {
        XCTAssertEqual(error, .noTriggerSource, "\(hostile.label): refused though it is JSON")
      }
      return
    }
    tally.decoded += 1
    let attributes = event.attributes
    let texts = [
      event.userPoolID, event.userName, attributes.email, attributes.phoneNumber, attributes.status,
    ]
    for text in texts.compactMap(\.self) {
      XCTAssertFalse(text.utf8.contains(0), "\(hostile.label): a text holds NUL")
    }
    XCTAssertTrue(
      object(attributes.othersJSON) is [String: Any], "\(hostile.label): no object of attributes")
    if let identities = attributes.identitiesJSON {
      XCTAssertTrue(object(identities) is [Any], "\(hostile.label): no array of identities")
    }
    if attributes.sub != nil { XCTAssertTrue(attributes.hasSub, hostile.label) }
  }

  /// Nil also where a NUL character is in it, escaped or not.
  private static func object(_ json: String) -> Any? {
    guard !json.utf8.contains(0) else { return nil }
    let escaped = json.replacingOccurrences(of: "\\\\", with: "")
    guard !escaped.contains("\\u0000") else { return nil }
    // Numbers beyond Double are none to Foundation.
    let small = json.replacingOccurrences(of: "e1000", with: "e1")
      .replacingOccurrences(of: "e+1000", with: "e1")
    return try? JSONSerialization.jsonObject(with: Data(small.utf8))
  }
}

/// Ends the test run when one step takes too long: a hang is a failure, and names its cause.
private final class Watchdog: Sendable {
  private let step = Mutex<(label: String, start: ContinuousClock.Instant)?>(nil)
  private let hasEnded = Mutex(false)

  init(limit: Duration) {
    Thread.detachNewThread { [self] in
      while !hasEnded.withLock(\.self) {
        let current = step.withLock(\.self)
        if let current, current.start.duration(to: .now) > limit {
          fatalError("no end within \(limit): \(current.label)")
        }
        Thread.sleep(forTimeInterval: 0.2)
      }
    }
  }

  func begin(_ label: String) { step.withLock { $0 = (label, .now) } }
  func end() { hasEnded.withLock { $0 = true } }
}
