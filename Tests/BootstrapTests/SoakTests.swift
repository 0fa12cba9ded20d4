import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// One process that lives long: it must not need more for each event.
///
/// `POOLTABLE_SOAK_EVENTS` says how many there are; `scripts/soak` runs 100,000 through a release build.
final class SoakTests: XCTestCase {
  /// By then every buffer has had its largest event, and every cache is warm.
  private static let warmUp = 1000
  private static let allowedGrowth = 1024

  func testNeitherMemoryNorDescriptorsGrow() throws {
    let count = try eventCount()
    let database = try TestDatabase()
    let function = try FunctionUnderTest(environment: [
      "DATABASE_URL": database.handlerURL, "USER_POOL_IDS": "eu-central-1_ExaMPLe01",
      "METRICS": "emf", "AWS_LAMBDA_FUNCTION_NAME": "soak",
    ])
    var traffic = SoakTraffic()
    var outcomes: [String: Int] = [:]
    var descriptors = 0
    var atWarmUp = 0
    var highest = 0
    let start = Instant.now()
    for number in 1...count {
      let (event, expected) = traffic.next()
      let answer = try function.invoke(event)
      XCTAssertEqual(answer.echoes(event), expected != "refused", "event \(number)")
      let outcome = try function.takeReport()?["outcome"] as? String ?? "no report"
      XCTAssertEqual(outcome, expected, "event \(number)")
      outcomes[outcome, default: 0] += 1
      if number == 1 { descriptors = try function.descriptorCount() }
      if number == Self.warmUp { atWarmUp = try function.residentKilobytes() }
      if number > Self.warmUp, number.isMultiple(of: 500) || number == count {
        highest = max(highest, try function.residentKilobytes())
      }
      if number.isMultiple(of: max(1, count / 10)) {
        print("soak: \(number) events, \(try function.residentKilobytes()) kB resident")
      }
    }
    let seconds = start.elapsed.milliseconds / 1000
    let descriptorsAtEnd = try function.descriptorCount()
    let mix = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    print("soak: \(count) events in \(Int(seconds)) s: \(mix.joined(separator: ", "))")
    print(
      "soak: resident after \(Self.warmUp) events \(atWarmUp) kB, highest later \(highest) kB, "
        + "growth \(highest - atWarmUp) kB; descriptors after the first event \(descriptors), "
        + "at the end \(descriptorsAtEnd)")
    XCTAssertGreaterThan(atWarmUp, 0)
    XCTAssertLessThanOrEqual(highest - atWarmUp, Self.allowedGrowth, "kB of growth")
    XCTAssertGreaterThan(descriptors, 3)
    XCTAssertEqual(descriptorsAtEnd, descriptors)
    XCTAssertEqual(
      Set(outcomes.keys), ["inserted", "updated", "unchanged", "passed", "refused"])
  }

  private func eventCount() throws -> Int {
    guard let text = ProcessInfo.processInfo.environment["POOLTABLE_SOAK_EVENTS"] else {
      return 5000
    }
    let count = try XCTUnwrap(Int(text), "POOLTABLE_SOAK_EVENTS is no number")
    XCTAssertGreaterThan(count, Self.warmUp, "too few to see growth after the warm-up")
    return count
  }
}
