from loadtests.llm_cost import measure


async def test_a_token_costs_a_fraction_of_what_the_openai_package_takes() -> None:
    cost = await measure(tokens=1000, rounds=3, tokens_per_s=0)
    assert 0 < cost.ours_us < cost.sdk_us / 3
