import XCTest

@testable import LambdaRuntime

/// What an event or an answer was made of is overwritten where it is, and not in a copy.
final class ClearedBytesTests: XCTestCase {
  private func place(_ bytes: [UInt8]) -> UnsafeRawPointer? {
    bytes.withUnsafeBytes { $0.baseAddress }
  }

  func testAnEventsBytes() {
    var bytes = Array(repeating: UInt8(7), count: 5000)
    let before = place(bytes)
    bytes.clear()
    XCTAssertEqual(place(bytes), before)
    XCTAssertEqual(bytes, Array(repeating: 0, count: 5000))
  }

  func testAnAnswersBytes() {
    var answer = InvocationAnswer.replaced(Array(repeating: 7, count: 5000))
    guard case .replaced(let bytes) = answer, case let before = place(bytes) else {
      return XCTFail("\(answer)")
    }
    _ = consume bytes
    answer.clear()
    guard case .replaced(let cleared) = answer else { return XCTFail("\(answer)") }
    XCTAssertEqual(place(cleared), before)
    XCTAssertEqual(cleared, Array(repeating: 0, count: 5000))
    for other in [InvocationAnswer.echo, .failure(.init(type: "A.B", message: "c"))] {
      var kept = other
      kept.clear()
      XCTAssertEqual(kept, other)
    }
  }
}
