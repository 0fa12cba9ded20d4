import Clock
import Postgres
import UserImport

/// Users of another system, in batches.
protocol ImportSource {
  var columns: [String] { get }
  /// Of what is there; nil where it is not known.
  var fraction: Double? { get }

  /// - Returns: the next rows, by the columns; a row is nil where it is no text. None at the end.
  mutating func next() throws -> [[String?]?]
}

/// The rows of a query, by a cursor: only a batch is here at a time.
struct QuerySource: ImportSource {
  private static let batch = 5_000
  private static let cursor = "pooltable_import"
  /// More than anybody writes by hand.
  private static let sizeLimit = 1 << 20

  let columns: [String]
  let fraction: Double? = nil
  private let path: String
  private let connection: Connection
  private var first: [[String?]]?

  /// Begins a transaction that only reads, and the query in it.
  ///
  /// - Parameter path: of a file with one SELECT.
  init(path: String, _ connection: Connection) throws {
    guard let bytes = FileReplacement.contents(of: path, upTo: Self.sizeLimit + 1) else {
      throw CommandFailure("\(path): the file cannot be read; check the path and who may read it")
    }
    guard bytes.count <= Self.sizeLimit, let sql = String(validating: bytes, as: UTF8.self),
      !sql.utf8.contains(0)
    else { throw CommandFailure("\(path): the file is not SQL in UTF-8 of 1 MB at most") }
    self.path = path
    self.connection = connection
    try connection.execute(
      script: "BEGIN READ ONLY; SET LOCAL datestyle = ISO", until: .after(.seconds(60)))
    _ = try Self.run(
      "DECLARE \(Self.cursor) NO SCROLL CURSOR FOR \(sql)", of: path, connection)
    let result = try Self.fetch(of: path, connection)
    columns = result.columnNames
    first = result.rows
  }

  mutating func next() throws -> [[String?]?] {
    if let rows = first {
      first = nil
      return rows
    }
    return try Self.fetch(of: path, connection).rows
  }

  private static func fetch(
    of path: String, _ connection: Connection
  ) throws(CommandFailure) -> QueryResult {
    try run("FETCH \(batch) FROM \(cursor)", of: path, connection)
  }

  /// A query can fail at any of its rows.
  private static func run(
    _ statement: String, of path: String, _ connection: Connection
  ) throws(CommandFailure) -> QueryResult {
    do throws(PostgresError) {
      return try connection.query(statement, until: .forWholeTable)
    } catch {
      throw CommandFailure(
        "\(path): \(error) (it must be one SELECT that psql takes, too: psql -f \(path))")
    }
  }
}

/// The rows of a CSV file, or of standard input.
struct CSVSource: ImportSource {
  let columns: [String]
  private let file: CSVFile
  private var ahead: [CSVReader.Record]

  /// - Parameter path: `-` is standard input.
  init(path: String) throws(CommandFailure) {
    file = try CSVFile(path)
    var records: [CSVReader.Record] = []
    while records.isEmpty {
      guard let more = try file.records() else { break }
      records += more
    }
    guard let header = records.first else {
      throw CommandFailure("\(path): it holds nothing; its first line must name the columns")
    }
    let names = header.fields.compactMap { $0 }
    guard names.count == header.fields.count else {
      throw CommandFailure("\(path): the header is not UTF-8; save it as UTF-8")
    }
    columns = names
    ahead = Array(records.dropFirst())
  }

  var fraction: Double? { file.fraction }

  mutating func next() throws -> [[String?]?] {
    var records = ahead
    ahead = []
    while records.isEmpty {
      guard let more = try file.records() else { return [] }
      records = more
    }
    return try records.map { record in
      guard record.fields.count == columns.count else {
        throw file.failure(
          "line \(record.line): \(record.fields.count.counted("value")), where the header has "
            + "\(columns.count.counted("column"))")
      }
      let values = record.fields.compactMap { $0 }
      return values.count == columns.count ? values : nil
    }
  }
}

/// A file that is read in chunks.
private final class CSVFile {
  private let name: String
  private let file: InputFile
  private var reader = CSVReader()

  init(_ path: String) throws(CommandFailure) {
    name = path == "-" ? "standard input" : path
    do throws(InputFile.Failure) {
      file = try InputFile(path == "-" ? nil : path)
    } catch {
      throw CommandFailure("\(path): cannot be read: \(error)")
    }
  }

  /// Of what is there; nil where it is not known.
  var fraction: Double? {
    file.size.map { $0 == 0 ? 1 : Double(file.bytesRead) / Double($0) }
  }

  /// - Returns: nil at the end.
  func records() throws(CommandFailure) -> [CSVReader.Record]? {
    guard !file.isAtEnd else { return nil }
    let chunk: [UInt8]
    do throws(InputFile.Failure) {
      chunk = try file.next()
    } catch {
      throw failure("cannot be read: \(error)")
    }
    do throws(CSVError) {
      return try file.isAtEnd ? reader.end() : reader.read(chunk)
    } catch {
      throw failure(error.description)
    }
  }

  func failure(_ text: String) -> CommandFailure { CommandFailure("\(name): \(text)") }
}
