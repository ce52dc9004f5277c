"""The longer things the agent has to say."""

GREETING = (
    "Hello there! I am the built-in demo, a small set of rules. "
    "Tell me your name, or ask what I can do."
)
WHO = (
    "I am the built-in demo agent, a small set of rules and no real model. To connect one, "
    "set llm.url, or RTCSERVER_LLM__URL in the environment, to any OpenAI compatible server."
)
ABILITIES = (
    "Quite a few things, actually. I remember your name when you tell me. I can add, subtract, "
    "multiply and divide. I know the time and the date. I count to a hundred, I spell words, "
    "and I repeat after you. I tell jokes and a story. You may interrupt me at any time, "
    "and when you say goodbye, I hang up."
)
JOKES = (
    "Here is one. Why did the computer catch a cold? Because somebody left its windows open.",
    "Try this one. What did the zero say to the eight? Nice belt.",
    "Here we go. I would tell you a joke about packets, but I am not sure that you would get it.",
    "All right, another. Why was the telephone so happy? It had just found its ring.",
    "Last one I know. Parallel lines have so much in common. It is a pity that they never meet.",
)
STORY = (
    "Once upon a time, there was a small lighthouse that had no lamp. Every night it stood in the "
    "dark, and it listened to the ships that passed by. It could not shine, so it learned to sing. "
    "At first its song was thin, and the wind carried it away. But the lighthouse sang on, night "
    "after night, until one stormy evening a lost captain heard it. He turned his ship toward the "
    "sound, and he found the harbor. From then on, every ship that came home answered with its "
    "horn, and the lighthouse was never alone again. That is the end of my story."
)
PARDON = "Sorry, I did not catch that. Could you say it again?"
ENGLISH_ONLY = "Sorry, I only understand English. Could you say it again?"
