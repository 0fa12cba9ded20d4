import Clock
import XCTest

final class DescriptorWaitTests: XCTestCase {
  private var readEnd: Int32 = -1
  private var writeEnd: Int32 = -1

  override func setUpWithError() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  override func tearDown() {
    for end in [readEnd, writeEnd] where end >= 0 { close(end) }
  }

  func testAPipeWithDataIsReadyForReading() {
    XCTAssertEqual(write(writeEnd, "x", 1), 1)
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .reading, on: readEnd))
  }

  func testDataThatComesWhileWaitingEndsTheWait() {
    let start = Instant.now()
    let end = writeEnd
    Thread.detachNewThread {
      usleep(30_000)
      _ = write(end, "x", 1)
    }
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .reading, on: readEnd))
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testAnEmptyPipeIsNotReadyUntilTheDeadline() {
    let start = Instant.now()
    XCTAssertFalse(Deadline.after(.milliseconds(30)).wait(for: .reading, on: readEnd))
    XCTAssertGreaterThanOrEqual(start.elapsed, .milliseconds(30))
    XCTAssertLessThan(start.elapsed, .seconds(30))
  }

  func testAPastDeadlineStillSeesWhatIsReady() {
    let passed = Deadline.after(.seconds(-1))
    XCTAssertFalse(passed.wait(for: .reading, on: readEnd))
    XCTAssertEqual(write(writeEnd, "x", 1), 1)
    XCTAssertTrue(passed.wait(for: .reading, on: readEnd))
  }

  func testAHangUpIsReady() {
    close(writeEnd)
    writeEnd = -1
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .reading, on: readEnd))
    var byte: UInt8 = 0
    XCTAssertEqual(read(readEnd, &byte, 1), 0)
  }

  func testAPipeWithoutAReaderIsReadyForWriting() {
    close(readEnd)
    readEnd = -1
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .writing, on: writeEnd))
  }

  func testAPipeWithRoomIsReadyForWritingUntilItIsFull() {
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .writing, on: writeEnd))
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .readingOrWriting, on: writeEnd))
    _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
    let page = [UInt8](repeating: 0, count: 4096)
    while write(writeEnd, page, page.count) > 0 {}
    XCTAssertFalse(Deadline.after(.milliseconds(10)).wait(for: .writing, on: writeEnd))
  }

  func testReadingOrWritingIsReadyForEither() {
    XCTAssertFalse(Deadline.after(.milliseconds(10)).wait(for: .readingOrWriting, on: readEnd))
    XCTAssertEqual(write(writeEnd, "x", 1), 1)
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .readingOrWriting, on: readEnd))
  }

  func testAClosedDescriptorIsReadySoThatTheNextCallReportsIt() {
    close(readEnd)
    defer { readEnd = -1 }
    XCTAssertTrue(Deadline.after(.seconds(60)).wait(for: .reading, on: readEnd))
  }

  func testADeadlineBeyondTheClockCanBeWaitedFor() {
    XCTAssertEqual(write(writeEnd, "x", 1), 1)
    XCTAssertTrue(Deadline.after(.seconds(Int64.max)).wait(for: .reading, on: readEnd))
  }
}
