// MARK: Between elements

extension ListingScanner {
  /// Looks at one byte that is not part of an element.
  mutating func stepBetweenElements() -> Element? {
    let at = index
    index += 1
    switch bytes[at] {
    case 0x20, 0x09, 0x0D, UInt8(ascii: ","): return nil
    case 0x0A:
      if container == .top { isLost = false }
      return nil
    case UInt8(ascii: "{") where !isLost || container != .top || isAtLineStart(at):
      isLost = false
      start = at
      depth += 1
      return nil
    case UInt8(ascii: "[") where container == .top && !isLost:
      container = .array
      depth = 1
      return nil
    case UInt8(ascii: "]") where container != .top:
      isLost = false
      // The document around the list goes on.
      depth -= 1
      container = .top
      return nil
    case let byte:
      if byte == UInt8(ascii: "\"") { isInString = true }
      // One report for all of it.
      defer { isLost = true }
      return isLost ? nil : .problem("not a user: no JSON object", offset: base + Int64(at))
    }
  }

  func isAtLineStart(_ at: Int) -> Bool {
    at > 0 ? bytes[at - 1] == 0x0A : base == 0
  }
}

// MARK: In an element

extension ListingScanner {
  /// Goes on to the next byte that matters, and takes it.
  mutating func stepInElement() -> Element? {
    skipInside()
    index = endOfPlain(from: index)
    guard index < bytes.count else { return nil }
    let at = index
    let byte = bytes[at]
    if byte == UInt8(ascii: "{"), isAtLineStart(at), !mayBeOpened(at) {
      // The line before broke off, and this one begins anew.
      let element = abandon("broken off", from: start ?? at)
      isLost = false
      return element
    }
    index += 1
    switch byte {
    case UInt8(ascii: "\""):
      isInString = true
      if container == .top, depth == 1 { keyStart = index }
    case UInt8(ascii: "{"):
      depth += 1
    case UInt8(ascii: "["):
      depth += 1
      if container == .top, depth == 2, key == .users {
        container = .users
        isInDocument = true
        start = nil
      }
      key = nil
    default:
      depth -= 1
      guard depth == container.depth else { return nil }
      return end(at: at)
    }
    return nil
  }

  /// Passes over what is deep inside of an element, which is nearly everything, at once. Stops before
  /// whatever is not quite plain.
  private mutating func skipInside() {
    // Keys of what may be a document are looked at one by one.
    let least = container.depth + (container == .top ? 2 : 1)
    guard depth >= least else { return }
    (index, depth) = bytes.withUnsafeBufferPointer { bytes in
      var (at, depth) = (index, depth)
      while at < bytes.count {
        switch bytes[at] {
        case 0x20:
          // Indentation is more than half of what AWS's command prints.
          while at + 8 < bytes.count,
            UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: at, as: UInt64.self)
              == 0x2020_2020_2020_2020
          { at += 8 }
          if bytes[at] != 0x20 { continue }
        case UInt8(ascii: "\""):
          var end = at + 1
          while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            if bytes[end] == UInt8(ascii: "\\") || bytes[end] == 0x0A { return (at, depth) }
            end += 1
          }
          guard end < bytes.count else { return (at, depth) }
          at = end
        case UInt8(ascii: "{"):
          if at > 0, bytes[at - 1] == 0x0A { return (at, depth) }
          depth += 1
        case UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard depth > least else { return (at, depth) }
          depth -= 1
        default: break
        }
        at += 1
      }
      return (at, depth)
    }
  }

  private mutating func end(at last: Int) -> Element? {
    key = nil
    if container == .top, isInDocument {
      endDocument()
      return nil
    }
    // That of a user is no document's.
    if container == .top { hasToken = false }
    guard let start else { return nil }
    self.start = nil
    return .user(bytes[start...last], offset: base + Int64(start))
  }

  /// Whether an object may begin here: after a bracket, a comma or a colon.
  private func mayBeOpened(_ at: Int) -> Bool {
    var before = at - 1
    while before >= 0 {
      switch bytes[before] {
      case 0x20, 0x09, 0x0A, 0x0D: before -= 1
      case UInt8(ascii: "["), UInt8(ascii: ","), UInt8(ascii: ":"): return true
      default: return false
      }
    }
    return true
  }

  /// Where the next byte stands that matters outside of strings.
  private func endOfPlain(from start: Int) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var at = start
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["),
          UInt8(ascii: "]"):
          return at
        default: at += 1
        }
      }
      return at
    }
  }
}

// MARK: Strings

extension ListingScanner {
  /// - Returns: false when more bytes are needed.
  mutating func skipString() -> Bool {
    let (end, isDone) = endOfString(from: index)
    index = end
    guard isDone else { return false }
    isInString = false
    if let start = keyStart {
      keyStart = nil
      note(bytes[start..<(bytes[end - 1] == UInt8(ascii: "\"") ? end - 1 : end)])
    }
    return true
  }

  /// Behind the closing quotation mark, or at the end of the line: no string goes beyond that.
  private func endOfString(from start: Int) -> (Int, isDone: Bool) {
    bytes.withUnsafeBufferPointer { bytes in
      var at = start
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: "\""): return (at + 1, true)
        case UInt8(ascii: "\n"): return (at, true)
        case UInt8(ascii: "\\"):
          guard at + 1 < bytes.count else { return (at, false) }
          at += 2
        default: at += 1
        }
      }
      return (at, false)
    }
  }

  /// Takes a string that stands in an object at the top.
  private mutating func note(_ string: ArraySlice<UInt8>) {
    if key == .token {
      hasToken = !string.isEmpty
      key = .other
    } else if string.elementsEqual("Users".utf8) {
      key = .users
    } else if ["PaginationToken", "NextToken"].contains(where: { string.elementsEqual($0.utf8) }) {
      key = .token
    } else {
      key = .other
    }
  }
}
