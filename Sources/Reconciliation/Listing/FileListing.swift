import Clock
import CognitoAPI

/// Users from a file that holds what `aws cognito-idp list-users --output json` prints.
public final class FileListing: UserListing {
  /// So many users are written by one statement: more make it hardly faster, and hold locks for longer.
  static let pageSize = 500

  /// Its size and time; not its path, since the file may be the same under another name, or another under the same.
  public let name: String
  /// When the listing was made.
  public let observedAt: Timestamp
  private let source: ByteSource
  private var reader = ListingReader()
  /// Set when there is no more.
  private var end: Result<Void, ListingError>?

  /// - Parameters:
  ///   - path: `-` is standard input; gzip is recognised.
  ///   - observedAt: when the listing was made; nil takes the file's own time, or now for a pipe.
  ///   - stop: ends a read that a signal has broken into.
  /// - Throws: `unreadable` where the file cannot be opened.
  public init(
    path: String, observedAt: Timestamp? = nil, until stop: StopRequest = StopRequest()
  ) throws(ListingError) {
    source = try ByteSource(path: path, until: stop)
    let modified = source.modified.map { time in
      Timestamp(
        microsecondsSinceEpoch: time.seconds.multipliedReportingOverflow(by: 1_000_000).partialValue
          &+ time.nanoseconds / 1000)
    }
    self.observedAt = observedAt ?? modified ?? .now()
    name =
      if let size = source.storedSize, let modified {
        "file of \(size) bytes, \(modified.rfc3339)"
      } else { "standard input" }
  }

  /// By the bytes of the file as it is stored; nil for a pipe.
  public var fractionRead: Double? {
    guard let size = source.storedSize, size > 0 else { return nil }
    return min(1, Double(source.storedBytesRead) / Double(size))
  }

  /// - Throws: `wrongPosition` where it is none of this file; else as `nextPage`.
  public func move(to position: String) throws(ListingError) {
    guard var reader = ListingReader(at: position) else { throw .wrongPosition }
    reader.append(try source.skip(reader.offset))
    self.reader = reader
  }

  /// - Returns: up to 500 users; nil after the last.
  /// - Throws: `malformed` and `cutShort` after all that stands before; `unreadable` where the file cannot be read;
  ///   `interrupted` when the run should end.
  public func nextPage() throws(ListingError) -> ListedPage? {
    if let end {
      try end.get()
      return nil
    }
    var page = ListedPage(unit: "byte", observedAt: observedAt)
    page.users.reserveCapacity(Self.pageSize)
    do {
      while page.users.count + page.unreadable.count < Self.pageSize {
        if let element = try reader.next() {
          page.add(element.user, at: element.offset)
          continue
        }
        let chunk = try source.next()
        if chunk.isEmpty {
          try reader.finish()
          end = .success(())
          return page
        }
        reader.append(chunk)
      }
    } catch {
      // What stands before is good, and is given first.
      guard error.endsListing else { throw error }
      end = .failure(error)
      return page
    }
    page.next = reader.position
    return page
  }
}

extension ListingError {
  /// Whether the listing's content is to blame, and not the way to it.
  fileprivate var endsListing: Bool {
    switch self {
    case .malformed, .cutShort: true
    case .unreadable, .wrongPosition, .cognito, .interrupted: false
    }
  }
}
