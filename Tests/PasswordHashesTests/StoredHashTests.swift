import XCTest

@testable import PasswordHashes

final class StoredHashTests: XCTestCase {
  /// The passwords are "password" and the like; the texts are those of the software's own documents and tests.
  private static let texts:
    [(text: String, format: HashFormat, isRead: @Sendable (HashScheme) -> Bool)] = [
      (
        "$2y$12$NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q", .bcrypt,
        {
          guard case .bcrypt(let hash) = $0 else { return false }
          return hash.cost == 12 && hash.input == .password && hash.text.hasPrefix("$2y$12$NhCPMw")
        }
      ),
      (
        "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", .bcrypt,
        {
          guard case .bcrypt(let hash) = $0 else { return false }
          return hash.cost == 5
        }
      ),
      (
        "$wp$2y$10$NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q", .wordPressBcrypt,
        {
          guard case .bcrypt(let hash) = $0 else { return false }
          return hash.input == .wordPressHMAC && hash.text.hasPrefix("$2y$10$NhCPMw")
        }
      ),
      (
        "bcrypt$$2b$12$NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q", .djangoBcrypt,
        {
          guard case .bcrypt(let hash) = $0 else { return false }
          return hash.input == .password && hash.text.hasPrefix("$2b$12$NhCPMw")
        }
      ),
      (
        "bcrypt_sha256$$2b$12$NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q",
        .djangoBcryptSHA256,
        {
          guard case .bcrypt(let hash) = $0 else { return false }
          return hash.input == .sha256Hexadecimal && hash.text.hasPrefix("$2b$12$NhCPMw")
        }
      ),
      (
        "$1$3azHgidD$SrJPt7B.9rekpmwJwtON31", .md5Crypt,
        { $0 == .crypt(.init(text: "$1$3azHgidD$SrJPt7B.9rekpmwJwtON31", method: .md5)) }
      ),
      (
        "$5$rounds=10000$saltstringsaltst$3xv.VbSCBX41eDL9L3voZedG/pBQmVPF1OOkQCYtWW6",
        .sha256Crypt,
        {
          guard case .crypt(let hash) = $0 else { return false }
          return hash.method == .sha256(rounds: 10000)
        }
      ),
      (
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfa"
          + "S35inz1", .sha512Crypt,
        {
          guard case .crypt(let hash) = $0 else { return false }
          return hash.method == .sha512(rounds: 5000)
        }
      ),
      (
        "$y$j9T$AAAAAAAAAAAAAAAAAAAAAA$" + String(repeating: "A", count: 43), .yescrypt,
        {
          guard case .crypt(let hash) = $0 else { return false }
          return hash.method == .yescrypt(logN: 12, r: 32)
        }
      ),
      (
        // Several characters a number: as `crypt_gensalt` writes a cost of 11.
        "$y$jFT$AAAAAAAAAAAAAAAAAAAAAA$" + String(repeating: "A", count: 43), .yescrypt,
        {
          guard case .crypt(let hash) = $0 else { return false }
          return hash.method == .yescrypt(logN: 18, r: 32)
        }
      ),
      (
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw", .argon2,
        {
          $0
            == .argon2(
              .init(
                variant: .id, version: 19, memory: 65536, passes: 3, lanes: 4, salt: Array(0..<8),
                digest: Array(0..<16)))
        }
      ),
      (
        "argon2$argon2i$m=512,t=2,p=2$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw", .djangoArgon2,
        {
          guard case .argon2(let hash) = $0 else { return false }
          return hash.variant == .i && hash.version == 16 && hash.memory == 512
        }
      ),
      (
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
        .pbkdf2,
        {
          guard case .pbkdf2(let hash) = $0 else { return false }
          return hash.function == .sha256 && hash.iterations == 6400 && hash.salt.count == 16
            && hash.salt.first == 0xFB && hash.digest.count == 32
        }
      ),
      (
        "$pbkdf2$131000$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODxAREhM", .pbkdf2,
        {
          $0
            == .pbkdf2(
              .init(
                function: .sha1, iterations: 131_000, salt: Array(0..<8), digest: Array(0..<20)))
        }
      ),
      (
        "$pbkdf2-sha512$i=210000,l=16$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw", .pbkdf2,
        {
          $0
            == .pbkdf2(
              .init(
                function: .sha512, iterations: 210_000, salt: Array(0..<8), digest: Array(0..<16)))
        }
      ),
      (
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        .scrypt,
        {
          guard case .scrypt(let hash) = $0 else { return false }
          return hash.logN == 16 && hash.r == 8 && hash.p == 1 && hash.salt.count == 16
            && hash.digest.count == 32
        }
      ),
      (
        "pbkdf2_sha256$600000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=", .djangoPBKDF2,
        {
          guard case .pbkdf2(let hash) = $0 else { return false }
          return hash.function == .sha256 && hash.iterations == 600_000
            && hash.salt == Array("seasalt".utf8) && hash.digest.count == 32
        }
      ),
      (
        "scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3"
          + "Fbb7JEFPKGpuEf5vw==", .djangoScrypt,
        {
          guard case .scrypt(let hash) = $0 else { return false }
          return hash.logN == 14 && hash.r == 8 && hash.p == 5 && hash.salt == Array("seasalt".utf8)
            && hash.digest.count == 64
        }
      ),
      (
        "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8", .djangoDigest,
        {
          guard case .digest(let hash) = $0 else { return false }
          return hash.function == .sha1 && hash.order == .saltFirst
            && hash.salt == Array("seasalt".utf8)
        }
      ),
      (
        "scrypt:32768:8:1$AbCdEfGh$000102030405060708090a0b0c0d0e0f", .werkzeugScrypt,
        {
          $0
            == .scrypt(
              .init(logN: 15, r: 8, p: 1, salt: Array("AbCdEfGh".utf8), digest: Array(0..<16)))
        }
      ),
      (
        "pbkdf2:sha256:1000000$AbCdEfGh$000102030405060708090A0B0C0D0E0F", .werkzeugPBKDF2,
        {
          $0
            == .pbkdf2(
              .init(
                function: .sha256, iterations: 1_000_000, salt: Array("AbCdEfGh".utf8),
                digest: Array(0..<16)))
        }
      ),
      (
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==", .aspNetIdentity2,
        {
          guard case .pbkdf2(let hash) = $0 else { return false }
          return hash.function == .sha1 && hash.iterations == 1000 && hash.salt == Array(0..<16)
            && hash.digest.count == 32
        }
      ),
      (
        "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw==",
        .aspNetIdentity3,
        {
          $0
            == .pbkdf2(
              .init(
                function: .sha256, iterations: 10000, salt: Array(0..<16),
                digest: Array(0..<16) + Array(0..<16)))
        }
      ),
      (
        "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", .phpass,
        {
          guard case .phpass(let hash) = $0 else { return false }
          return hash.logRounds == 11 && hash.salt == Array("IQRaTwmf".utf8)
            && hash.digest.count == 16
        }
      ),
      (
        "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", .ldapDigest,
        {
          $0
            == .digest(
              .init(
                function: .sha1, order: .saltLast, salt: [20, 21, 22, 23], digest: Array(0..<20)))
        }
      ),
      (
        "000102030405060708090a0b0c0d0e0f:x:y", .saltedDigest,
        {
          $0
            == .digest(
              .init(
                function: .md5, order: .either, salt: Array("x:y".utf8), digest: Array(0..<16)))
        }
      ),
    ]

  func testEachFormatIsReadIntoItsParts() throws {
    for (text, format, isExpected) in Self.texts {
      // A column of fixed width has spaces after it.
      let hash = try StoredHash(text + "  \n")
      XCTAssertEqual(hash.format, format, text)
      XCTAssert(isExpected(hash.scheme), "\(hash)")
    }
    let usable = Set(HashFormat.allCases).subtracting([.unsaltedDigest, .firebaseScrypt])
    XCTAssertEqual(Set(Self.texts.map(\.format)), usable)
  }

  func testWhatCannotBeUsedSaysWhy() {
    func unusable(_ format: HashFormat) -> (HashFault) -> Bool {
      {
        guard case .unusable(format, _) = $0 else { return false }
        return true
      }
    }
    let bcrypt = "NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q"
    let crypt = String(repeating: "A", count: 43)
    let cases: [(String, (HashFault) -> Bool)] = [
      ("", { $0 == .noPassword }), ("  ", { $0 == .noPassword }), ("*", { $0 == .noPassword }),
      ("!aGVsbG8", { $0 == .noPassword }), ("!!", { $0 == .noPassword }),
      ("secret", { $0 == .unknown }), ("$9$x", { $0 == .unknown }), ("$2$", { $0 == .unknown }),
      ("$2b$12$ä", { $0 == .unknown }), ("$2b$12$\0", { $0 == .unknown }),
      ("pässword", { $0 == .unknown }),
      (String(repeating: "a", count: 1025), { $0 == .tooLong }),
      ("5f4dcc3b5aa765d61d8327deb882cf99", unusable(.unsaltedDigest)),
      ("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", unusable(.unsaltedDigest)),
      ("$fbscrypt$v=1,n=14,r=8,p=1$salt$hash", unusable(.firebaseScrypt)),
      (
        "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
        unusable(.firebaseScrypt)
      ),
      ("$2b$03$" + bcrypt, { $0 == .malformed(.bcrypt) }),
      ("$2b$32$" + bcrypt, { $0 == .malformed(.bcrypt) }),
      ("$2b$12$" + bcrypt + "x", { $0 == .malformed(.bcrypt) }),
      ("$2b$12$" + bcrypt.dropLast(), { $0 == .malformed(.bcrypt) }),
      ("$5$rounds=999$salt$" + crypt, { $0 == .malformed(.sha256Crypt) }),
      ("$5$rounds=1000000000$salt$" + crypt, { $0 == .malformed(.sha256Crypt) }),
      ("$5$saltstringsaltstr$" + crypt, { $0 == .malformed(.sha256Crypt) }),
      ("$y$zzzzz$salt$" + crypt, { $0 == .malformed(.yescrypt) }),
      ("$y$j9$salt$" + crypt, { $0 == .malformed(.yescrypt) }),
      (
        "$argon2id$v=19$m=8,t=3,p=4$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw",
        { $0 == .malformed(.argon2) }
      ),
      (
        "$argon2id$v=19$m=65536,t=3,p=4,keyid=x$AAECAwQFBgc$AAECAwQFBgcICQoLDA0ODw",
        { $0 == .malformed(.argon2) }
      ),
      // Whatever is hashed has these 15 bytes with a chance of 2^-120, or none at all: it would let everybody in.
      (
        "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgc$AAECAwQFBgcICQoLDA0O",
        { $0 == .malformed(.argon2) }
      ),
      ("$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$", { $0 == .malformed(.pbkdf2) }),
      (
        "$pbkdf2-md5$6400$.6UI/S.nXIk8jcbdHx3Fhg$AAECAwQFBgcICQoLDA0ODw",
        { $0 == .malformed(.pbkdf2) }
      ),
      ("pbkdf2_sha256$0$seasalt$AAECAwQFBgcICQoLDA0ODw==", { $0 == .malformed(.djangoPBKDF2) }),
      (
        "pbkdf2_sha256$4294967295$seasalt$AAECAwQFBgcICQoLDA0ODw==",
        { $0 == .malformed(.djangoPBKDF2) }
      ),
      (
        "scrypt:32767:8:1$AbCdEfGh$000102030405060708090a0b0c0d0e0f",
        { $0 == .malformed(.werkzeugScrypt) }
      ),
      (
        "scrypt:32768:65536:65536$AbCdEfGh$000102030405060708090a0b0c0d0e0f",
        { $0 == .malformed(.werkzeugScrypt) }
      ),
      // The salt would be longer than what is there.
      ("AQAAAAEAACcQ/////wABAgMEBQYHCAkKCwwNDg8=", { $0 == .malformed(.aspNetIdentity3) }),
      ("$P$3IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", { $0 == .malformed(.phpass) }),
      ("$P$ZIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", { $0 == .malformed(.phpass) }),
      ("md5$$5f4dcc3b5aa765d61d8327deb882cf99", { $0 == .malformed(.djangoDigest) }),
      ("{SMD5}AAECAwQFBgcICQoLDA0ODw==", { $0 == .malformed(.ldapDigest) }),
      ("5f4dcc3b5aa765d61d8327deb882cf99:", { $0 == .malformed(.saltedDigest) }),
    ]
    for (text, isExpected) in cases {
      XCTAssertThrowsError(try StoredHash(text), text) { error in
        let fault = error as? HashFault
        XCTAssert(fault.map(isExpected) ?? false, "\(text): \(error)")
        if text.count > 9 { XCTAssertFalse("\(error)".contains(text.dropFirst(9)), text) }
      }
    }
  }

  /// As some software of before 2010 left them; `crypt` answers with zeros there, and would never be equal.
  func testBcryptsUnusedBitsAreZero() throws {
    let kept = "$2a$05$6bNw2HLQYeqHYyBfLMsv/OUcZd0LKP39b87nBw3.S2tVZSqiQX6eu"
    let unclean = "$2a$05$6bNw2HLQYeqHYyBfLMsv/PUcZd0LKP39b87nBw3.S2tVZSqiQX6ev"
    XCTAssertEqual(try StoredHash(unclean).scheme, try StoredHash(kept).scheme)
  }

  func testWeakIsWhatIsHardlySlowedDown() throws {
    let weak: Set<HashFormat> = [.md5Crypt, .djangoDigest, .ldapDigest, .saltedDigest]
    for (text, format, _) in Self.texts {
      XCTAssertEqual(try StoredHash(text).scheme.isWeak, weak.contains(format), text)
    }
  }

  /// Nothing that a table could hold stops the process: cut anywhere, and any character another one.
  func testSpoiledTextsAreReadWithoutATrap() {
    for (text, _, _) in Self.texts {
      let bytes = Array(text.utf8)
      for end in bytes.indices {
        _ = try? StoredHash(String(decoding: bytes[..<end], as: UTF8.self))
      }
      for place in bytes.indices {
        for other in "$:,=0z9+\0é".unicodeScalars {
          var spoiled = bytes
          spoiled.replaceSubrange(place...place, with: Array(String(other).utf8))
          _ = try? StoredHash(String(decoding: spoiled, as: UTF8.self))
          spoiled.insert(UInt8(ascii: "9"), at: place)
          _ = try? StoredHash(String(decoding: spoiled, as: UTF8.self))
        }
      }
    }
  }
}
