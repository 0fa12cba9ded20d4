import Clock
import CognitoTriggers

/// Users of one pool as `cognito.sync_users` takes them: each sub once.
public struct UserBatch {
  /// A user's values for the columns from `username` to `identities`, and the time after them.
  public struct Row {
    /// Who it is.
    public var sub: Sub
    /// In PostgreSQL's text format; nil is NULL.
    public var columns: [String?]
  }

  public private(set) var rows: [Row] = []
  /// When Cognito showed them.
  public let observedAt: Timestamp
  private var positions: [Sub: Int] = [:]

  /// - Parameter rows: each sub once.
  public init(rows: [Row] = [], observedAt: Timestamp) {
    self.rows = rows
    for (index, row) in rows.enumerated() { positions[row.sub] = index }
    self.observedAt = observedAt
  }

  /// Takes a user in; of two with the same sub the last one wins, as it would in two batches.
  ///
  /// - Parameter lastModifiedAt: Cognito's time of the last change; nil where it is not known.
  public mutating func add(_ user: SyncedUser, lastModifiedAt: Timestamp?) {
    let row = Row(sub: user.key.sub, columns: user.columns + [lastModifiedAt?.rfc3339])
    if let position = positions[row.sub] {
      rows[position] = row
    } else {
      positions[row.sub] = rows.count
      rows.append(row)
    }
  }

  /// The rows at `positions`, each of which must be in the batch.
  public func part(_ positions: some Sequence<Int>) -> UserBatch {
    UserBatch(rows: positions.map { rows[$0] }, observedAt: observedAt)
  }

  /// The array of their subs.
  var subs: String {
    var array = ArrayLiteral()
    for row in rows { array.append(row.sub.description) }
    return array.text
  }

  /// The columns' arrays, in the order of the function's arguments; nil for one of nothing but nulls.
  var columns: [String?] {
    (0..<SyncUsersCall.columnTypes.count).map { column in
      guard rows.contains(where: { $0.columns[column] != nil }) else { return nil }
      var array = ArrayLiteral()
      for row in rows { array.append(row.columns[column]) }
      return array.text
    }
  }
}

/// The text of a one-dimensional array, as PostgreSQL reads it.
///
/// Source: PostgreSQL documentation, "Array Input and Output Syntax".
struct ArrayLiteral {
  private var bytes = [UInt8(ascii: "{")]

  mutating func append(_ element: String?) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    guard var element else {
      bytes += "NULL".utf8
      return
    }
    bytes.append(UInt8(ascii: "\""))
    element.withUTF8 { text in
      var start = 0
      for (index, byte) in text.enumerated()
      where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        bytes += text[start..<index]
        bytes.append(UInt8(ascii: "\\"))
        start = index
      }
      bytes += text[start...]
    }
    bytes.append(UInt8(ascii: "\""))
  }

  var text: String { String(decoding: bytes + [UInt8(ascii: "}")], as: UTF8.self) }
}
