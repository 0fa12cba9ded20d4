import Clock
import CognitoAPI
import CognitoTriggers
import TriggerFunction

/// Users of one pool as `cognito.sync_users` takes them: each sub once.
struct UserBatch {
  /// A user's values for the columns from `username` to `identities`, and the time after them.
  struct Row {
    var sub: Sub
    var columns: [String?]
  }

  var rows: [Row] = []
  var observedAt: Timestamp

  init(rows: [Row] = [], observedAt: Timestamp) {
    self.rows = rows
    self.observedAt = observedAt
  }

  /// - Parameter problem: called with the index of each user that has no sub that is one.
  init(_ page: ListedPage, of pool: UserPoolID, problem: (Int, UnidentifiedUser) -> Void) {
    observedAt = page.observedAt
    rows.reserveCapacity(page.users.count)
    var positions: [Sub: Int] = [:]
    positions.reserveCapacity(page.users.count)
    for (index, user) in page.users.enumerated() {
      do {
        let synced = try SyncedUser(user, of: pool, observedAt: page.observedAt)
        let row = Row(
          sub: synced.key.sub, columns: synced.columns + [user.lastModifiedAt?.rfc3339])
        // The last one wins, as it would in two pages.
        if let position = positions.updateValue(rows.count, forKey: synced.key.sub) {
          rows[position] = row
          positions[synced.key.sub] = position
        } else {
          rows.append(row)
        }
      } catch {
        problem(index, error)
      }
    }
  }

  /// The rows at `positions`.
  func part(_ positions: some Sequence<Int>) -> UserBatch {
    UserBatch(rows: positions.map { rows[$0] }, observedAt: observedAt)
  }

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
