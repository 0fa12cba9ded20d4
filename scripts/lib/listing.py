"""Prints a listing of so many users as 'aws cognito-idp list-users --output json' does, or with --copy the
same users as PostgreSQL's COPY reads them: user_pool_id, sub … last_modified_at, observed_at.

The users are always the same: their ids come from a counter, spread over the whole range.
"""

import json
import sys
import uuid

count = int(sys.argv[1])
write = sys.stdout.write


def users():
    for number in range(count):
        # An odd factor permutes all 128-bit numbers.
        sub = str(uuid.UUID(int=(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 & (1 << 128) - 1, version=4))
        name = f"{sub[:4]}.{number}"
        yield sub, {
            "email": f"{name}@example.com",
            "phone_number": f"+4915{number:08d}",
            "name": f"User {name}",
            "given_name": "Wanda" if number % 2 else "Adele",
            "family_name": f"Number {number}",
            "locale": "de-DE",
            "custom:tenant": f"tenant-{number % 1000}",
            "custom:plan": "premium" if number % 3 else "free",
        }


if "--copy" in sys.argv[2:]:
    for sub, values in users():
        others = json.dumps({k: v for k, v in values.items() if k not in ("email", "phone_number")})
        write("\t".join(["eu-central-1_Scale0000", sub, sub, values["email"], "t", values["phone_number"], "f",
                         "CONFIRMED", others.replace("\\", "\\\\"), "\\N", "2026-01-02 03:04:05.678+00",
                         "2026-11-21 00:00:00+00"]) + "\n")
else:
    write('{\n    "Users": [\n')
    for number, (sub, values) in enumerate(users()):
        attributes = [("email", values["email"]), ("email_verified", "true"),
                      ("phone_number", values["phone_number"]), ("phone_number_verified", "false")]
        attributes += [item for item in values.items() if item[0] not in ("email", "phone_number")]
        user = {
            "Username": sub,
            "Attributes": [{"Name": name, "Value": value} for name, value in attributes + [("sub", sub)]],
            "UserCreateDate": "2026-01-01T03:04:05.678000+00:00",
            "UserLastModifiedDate": "2026-01-02T03:04:05.678000+00:00",
            "Enabled": True,
            "UserStatus": "CONFIRMED",
        }
        text = json.dumps(user, indent=4).replace("\n", "\n        ")
        write(("" if number == 0 else ",\n") + "        " + text)
    write("\n    ]\n}\n")
