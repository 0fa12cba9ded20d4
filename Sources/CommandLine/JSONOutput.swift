import FoundationEssentials

/// A value as one line of JSON, with its keys sorted.
func jsonLine(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  // Plain structures of texts, whole numbers and finite ones: nothing in them can fail to encode.
  return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
}
