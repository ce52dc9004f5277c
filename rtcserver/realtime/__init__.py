"""The OpenAI Realtime contract as msgspec structs and their codec. Pure; imports `errors` only."""
