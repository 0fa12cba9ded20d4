import JSON

/// The first byte of a JSON text that cannot stand where it stands.
struct JSONFault: Equatable {
  var offset: Int
  /// False where the bytes from there on are not UTF-8.
  var isUTF8 = true

  /// - Parameter bytes: a JSON text, or as much of one as there is.
  /// - Returns: nil where they are valid, or may be the beginning of what is.
  init?(in bytes: [UInt8]) {
    var text = bytes
    var isCutInCharacter = false
    do { _ = try UTF8Span(validating: bytes.span) } catch {
      text = Array(bytes[..<error.byteOffsets.lowerBound])
      isCutInCharacter =
        error.kind == .truncatedScalar && error.byteOffsets.upperBound == bytes.count
    }
    offset = text.count
    guard var reader = try? JSONReader(text) else { return nil }
    do {
      _ = try reader.value(isWanted: false)
      try reader.end()
    } catch {
      // An error at the end says only that more is needed, but for too many levels.
      if error == .tooDeep || reader.index < text.count {
        offset = error == .tooDeep ? reader.index - 1 : reader.index
        return
      }
    }
    guard text.count < bytes.count, !isCutInCharacter else { return nil }
    isUTF8 = false
  }
}
