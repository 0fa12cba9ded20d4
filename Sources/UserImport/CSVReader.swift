/// Reads comma-separated values as they come, a chunk after the other.
///
/// Source: RFC 4180. Lines end with CRLF or LF; a byte-order mark and empty lines are passed over.
public struct CSVReader {
  /// More than any user's row has.
  static let recordLimit = 1 << 20

  private enum State {
    case start, plain, quoted
    /// After a quotation mark in a quoted field: its end, or the first of two.
    case quote
    /// After a carriage return.
    case lineEnd
  }

  private var state = State.start
  private var field: [UInt8] = []
  private var fields: [String?] = []
  /// Of the record so far, in bytes.
  private var size = 0
  /// Where the record begins, from 1.
  private var line = 1
  private var lineEnds = 0
  private var mark: [UInt8] = []
  private var isPastMark = false

  /// Before the first byte.
  public init() {}

  /// A record that the input holds.
  public struct Record: Sendable, Equatable {
    /// Nil where a field is no UTF-8.
    public var fields: [String?]
    /// Of the input, from 1.
    public var line: Int
  }

  /// Reads on.
  ///
  /// - Returns: the records that are complete now.
  public mutating func read(_ chunk: [UInt8]) throws(CSVError) -> [Record] {
    var records: [Record] = []
    for byte in chunk {
      guard isPastMark else {
        mark.append(byte)
        if [0xEF, 0xBB, 0xBF].starts(with: mark) {
          isPastMark = mark.count == 3
          continue
        }
        isPastMark = true
        for byte in mark { try take(byte, &records) }
        continue
      }
      try take(byte, &records)
    }
    return records
  }

  /// Reads the end.
  ///
  /// - Returns: the record that no line end follows, if there is one.
  public mutating func end() throws(CSVError) -> [Record] {
    var records: [Record] = []
    if !isPastMark {
      isPastMark = true
      for byte in mark { try take(byte, &records) }
    }
    switch state {
    case .quoted: throw .openQuote(line: line)
    case .lineEnd: throw .strayReturn(line: line)
    case .start, .plain, .quote: break
    }
    endRecord(&records)
    return records
  }

  private mutating func take(_ byte: UInt8, _ records: inout [Record]) throws(CSVError) {
    size += 1
    guard size <= Self.recordLimit else { throw .tooLong(line: line) }
    if byte == UInt8(ascii: "\n") { lineEnds += 1 }
    switch (state, byte) {
    case (.quoted, UInt8(ascii: "\"")): state = .quote
    case (.quoted, _): field.append(byte)
    case (.lineEnd, UInt8(ascii: "\n")), (.start, UInt8(ascii: "\n")), (.plain, UInt8(ascii: "\n")),
      (.quote, UInt8(ascii: "\n")):
      endRecord(&records)
    case (.lineEnd, _): throw .strayReturn(line: line)
    case (_, UInt8(ascii: "\r")): state = .lineEnd
    case (_, UInt8(ascii: ",")):
      endField()
    case (.start, UInt8(ascii: "\"")): state = .quoted
    case (.quote, UInt8(ascii: "\"")):
      field.append(byte)
      state = .quoted
    case (.quote, _), (.plain, UInt8(ascii: "\"")): throw .strayQuote(line: line)
    case (.start, _), (.plain, _):
      field.append(byte)
      state = .plain
    }
  }

  private mutating func endField() {
    fields.append(String(validating: field, as: UTF8.self))
    field.removeAll(keepingCapacity: true)
    state = .start
  }

  private mutating func endRecord(_ records: inout [Record]) {
    let isEmptyLine = fields.isEmpty && field.isEmpty && state != .quote
    endField()
    if !isEmptyLine { records.append(Record(fields: fields, line: line)) }
    fields = []
    size = 0
    line += lineEnds
    lineEnds = 0
  }
}

/// Why a text is no comma-separated values. Lines are counted from 1; a record's is that of its beginning.
public enum CSVError: Error, Sendable, Equatable, CustomStringConvertible {
  case openQuote(line: Int)
  case strayQuote(line: Int)
  case strayReturn(line: Int)
  case tooLong(line: Int)

  public var description: String {
    switch self {
    case .openQuote(let line):
      "line \(line): a quotation mark is never closed (put one at the value's end, and double those inside)"
    case .strayQuote(let line):
      "line \(line): a quotation mark inside of a value (put the value in quotation marks, and double it)"
    case .strayReturn(let line):
      "line \(line): a carriage return that no line feed follows (end lines with LF or CRLF)"
    case .tooLong(let line): "line \(line): the row is longer than \(CSVReader.recordLimit) bytes"
    }
  }
}
